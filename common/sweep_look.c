#include "common/sweep_look.h"

#include "common/s3_bucket.h"
#include "common/s3_witness.h"

static bool judge(struct s3_client *store, const char *key, const struct error *problem, enum sweep_sight *ret_sight,
                  struct error *ret_problem, struct error *err) {
    if (error_disposition(problem) == OUTAGE && !s3_object_is_broken(store, key)) {
        *err = *problem;
        return false;
    }
    *ret_problem = *problem;
    *ret_sight = SWEEP_UNCLEAR;
    return true;
}

bool sweep_look(struct s3_client *store, const char *key, bool certain, enum sweep_sight *ret_sight,
                struct s3_object *ret_object, struct error *ret_problem, struct error *err) {
    struct error problem = {0};
    if (s3_client_head(store, key, ret_object, &problem)) {
        *ret_sight = SWEEP_SEEN;
        return true;
    }
    if (problem.code == ERROR_STORE_NOT_FOUND && (!certain || s3_object_is_absent(store, key, &problem))) {
        *ret_sight = SWEEP_MISSING;
        return true;
    }
    return judge(store, key, &problem, ret_sight, ret_problem, err);
}

static const char *text_or_null(const char *text) {
    return *text == '\0' ? NULL : text;
}

struct file_arrival sweep_arrival(const char *bucket, const char *key, const struct s3_object *object) {
    return (struct file_arrival){
        .bucket = bucket,
        .object_key = key,
        .size = object->size,
        .etag = text_or_null(object->etag),
        .version_id = text_or_null(object->version_id),
    };
}
