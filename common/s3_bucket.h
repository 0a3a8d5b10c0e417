/* The bucket of an S3 client: existence, notifications, CORS. Failures are those of s3_client.h. */
#ifndef SLUICE_COMMON_S3_BUCKET_H
#define SLUICE_COMMON_S3_BUCKET_H

#include "common/s3_client.h"

bool s3_bucket_exists(struct s3_client *client, bool *ret_exists, struct error *err) MUST_CHECK;

/* STORE_ERROR when it is missing: a fault of the installation, in which every object looks missing too. */
bool s3_bucket_require(struct s3_client *client, struct error *err) MUST_CHECK;

/* After a STORE_NOT_FOUND: true when the object is missing for certain, in a bucket that is there. False, with the error to
 * act on, when the store cannot say, says otherwise now, or lacks the whole bucket. The object is asked for once more after
 * its bucket, because the first answer may be the last of an outage. */
bool s3_object_is_absent(struct s3_client *client, const char *key, struct error *err) MUST_CHECK;

/* A bucket that exists and is ours counts as created. */
bool s3_bucket_create(struct s3_client *client, struct error *err) MUST_CHECK;

/* A <QueueConfiguration>: these events of keys with this prefix go to the queue. */
struct s3_notification {
    const char *id; /* NULL: the store makes one up */
    const char *arn;
    const char *const *events; /* "s3:ObjectCreated:Put", …; ends with NULL */
    const char *prefix;        /* NULL or "": all keys */
};

/* Replaces the whole notification configuration; none with count 0. */
bool s3_bucket_put_notifications(struct s3_client *client, const struct s3_notification *notifications, size_t count,
                                 struct error *err) MUST_CHECK;

struct s3_notification_row {
    char *arn;
    char *prefix; /* "": all keys */
    char *events; /* joined by ' ' */
};

struct s3_notification_rows {
    struct s3_notification_row *rows;
    size_t count;
    bool has_more; /* there is what rows do not hold: suffix filters, topics, functions, EventBridge */
};

bool s3_bucket_get_notifications(struct s3_client *client, struct s3_notification_rows *ret_rows,
                                 struct error *err) MUST_CHECK;
void s3_notification_rows_free(struct s3_notification_rows *rows);

/* One rule for browsers: these origins ("*": any; ends with NULL) may GET, HEAD, PUT and POST with any header and see
 * ETag and x-amz-version-id. Stores that have CORS elsewhere (MinIO) answer NOT_IMPLEMENTED. */
bool s3_bucket_put_cors(struct s3_client *client, const char *const *origins, struct error *err) MUST_CHECK;

#endif
