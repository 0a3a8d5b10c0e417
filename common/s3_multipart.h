/* Multipart uploads by an S3 client. Failures are those of s3_client.h; an upload that is gone is STORE_NOT_FOUND. */
#ifndef SLUICE_COMMON_S3_MULTIPART_H
#define SLUICE_COMMON_S3_MULTIPART_H

#include "common/s3_client.h"

enum { S3_PARTS_MAX = 10000, S3_PART_MIN_BYTES = 5 << 20, S3_MULTIPART_HEADERS_MAX = 11 };

/* ret_upload_id: the caller frees it. content_type NULL: the store's default. */
bool s3_multipart_create(struct s3_client *client, const char *key, const char *content_type, char **ret_upload_id,
                         struct error *err) MUST_CHECK;

/* The same with headers that the object shall have, such as x-amz-meta-name; at most S3_MULTIPART_HEADERS_MAX. */
bool s3_multipart_create_with(struct s3_client *client, const char *key, const char *content_type,
                              const struct http_header *headers, size_t header_count, char **ret_upload_id,
                              struct error *err) MUST_CHECK;

struct s3_part {
    int number; /* 1 to S3_PARTS_MAX */
    int64_t size;
    char etag[S3_ETAG_SIZE]; /* without quotes */
};

/* Fills ret_part, ready for s3_multipart_complete. */
bool s3_multipart_upload_part(struct s3_client *client, const char *key, const char *upload_id, int number,
                              const struct s3_body *body, struct s3_part *ret_part, struct error *err) MUST_CHECK;

/* All pages, by number. The caller frees *ret_parts. */
bool s3_multipart_list_parts(struct s3_client *client, const char *key, const char *upload_id,
                             struct s3_part **ret_parts, size_t *ret_count, struct error *err) MUST_CHECK;

/* Parts in ascending order; their etags may be quoted or bare. A 200 with an <Error> inside is the failure it names.
 * ret_object (may be NULL) gets etag and version. */
bool s3_multipart_complete(struct s3_client *client, const char *key, const char *upload_id,
                           const struct s3_part *parts, size_t count, bool if_none_match, struct s3_object *ret_object,
                           struct error *err) MUST_CHECK;

/* Aborting what is not there succeeds. */
bool s3_multipart_abort(struct s3_client *client, const char *key, const char *upload_id, struct error *err) MUST_CHECK;

struct s3_upload {
    const char *key; /* valid during the call */
    const char *upload_id;
    int64_t initiated_ms;
};

typedef bool (*s3_upload_function)(void *context, const struct s3_upload *upload, bool *ret_stop, struct error *err);

/* Open uploads whose key starts with the prefix, all pages. (MinIO lists only the uploads of one exact key.) */
bool s3_multipart_list(struct s3_client *client, const char *prefix, s3_upload_function function, void *context,
                       struct error *err) MUST_CHECK;

#endif
