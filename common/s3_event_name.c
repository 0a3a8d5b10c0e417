#include "common/s3_event_name.h"

#include <string.h>

/* The first that fits; a '*' at the end stands for anything. What changes neither an object's bytes nor whether it is there is
 * ignored; so is ObjectRemoved:NoOP, MinIO's word for a deletion of nothing. */
static const struct {
    const char *name;
    enum s3_event_kind kind;
} event_names[] = {
    {"ObjectCreated:PutTagging", S3_EVENT_IGNORED},
    {"ObjectCreated:DeleteTagging", S3_EVENT_IGNORED},
    {"ObjectCreated:PutRetention", S3_EVENT_IGNORED},
    {"ObjectCreated:PutLegalHold", S3_EVENT_IGNORED},
    {"ObjectCreated:*", S3_EVENT_CREATED},
    {"ObjectRemoved:NoOP", S3_EVENT_IGNORED},
    {"ObjectRemoved:NoOp", S3_EVENT_IGNORED},
    {"ObjectRemoved:*", S3_EVENT_REMOVED},
    {"LifecycleExpiration:Delete", S3_EVENT_REMOVED},
    {"LifecycleExpiration:DeleteMarkerCreated", S3_EVENT_REMOVED},
    {"ObjectLifecycle:Expiration:Current", S3_EVENT_REMOVED}, /* Ceph */
    {"ObjectLifecycle:*", S3_EVENT_IGNORED},
    {"LifecycleTransition*", S3_EVENT_IGNORED},
    {"LifecycleDelMarkerExpiration:*", S3_EVENT_IGNORED},
    {"ObjectTransition:*", S3_EVENT_IGNORED},
    {"ObjectAccessed:*", S3_EVENT_IGNORED},
    {"ObjectTagging:*", S3_EVENT_IGNORED},
    {"ObjectAcl:*", S3_EVENT_IGNORED},
    {"ObjectRestore:*", S3_EVENT_IGNORED},
    {"ObjectSynced:*", S3_EVENT_IGNORED},
    {"Replication:*", S3_EVENT_IGNORED},
    {"IntelligentTiering", S3_EVENT_IGNORED},
    {"ReducedRedundancyLostObject", S3_EVENT_IGNORED},
    {"BucketCreated*", S3_EVENT_IGNORED},
    {"BucketRemoved*", S3_EVENT_IGNORED},
    {"Scanner:*", S3_EVENT_IGNORED},
    {"TestEvent", S3_EVENT_IGNORED},
    {"Object Created", S3_EVENT_CREATED}, /* EventBridge, and below */
    {"Object Deleted", S3_EVENT_REMOVED},
    {"Object Restore *", S3_EVENT_IGNORED},
    {"Object Storage Class Changed", S3_EVENT_IGNORED},
    {"Object Access Tier Changed", S3_EVENT_IGNORED},
    {"Object ACL Updated", S3_EVENT_IGNORED},
    {"Object Tags *", S3_EVENT_IGNORED},
};

static bool fits(const char *pattern, const char *name) {
    size_t length = strlen(pattern);
    return pattern[length - 1] == '*' ? strncmp(pattern, name, length - 1) == 0 : strcmp(pattern, name) == 0;
}

bool s3_event_name_kind(const char *name, enum s3_event_kind *ret_kind) {
    for (size_t i = 0; i < sizeof event_names / sizeof event_names[0]; i++) {
        if (fits(event_names[i].name, name)) {
            *ret_kind = event_names[i].kind;
            return true;
        }
    }
    return false;
}
