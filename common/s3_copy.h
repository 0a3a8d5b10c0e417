/* Server-side copies of objects. Failures are those of s3_client.h; a source that is gone is STORE_NOT_FOUND, one that
 * changed STORE_PRECONDITION. Source: AmazonS3/latest/API, CopyObject and UploadPartCopy. */
#ifndef SLUICE_COMMON_S3_COPY_H
#define SLUICE_COMMON_S3_COPY_H

#include "common/s3_client.h"

enum { S3_COPY_METADATA_MAX = 4 };

struct s3_copy {
    const char *source_key;      /* in the same bucket */
    const char *source_if_match; /* etag without quotes, NULL: any */
    const char *key;
    const char *content_type; /* NULL: that of the source, with all of its metadata; the rest is not looked at then */
    const char *content_disposition;                   /* NULL: none */
    struct http_header metadata[S3_COPY_METADATA_MAX]; /* names as x-amz-meta-…, lower case */
    size_t metadata_count;
};

/* In one request, at most 5 GiB. ret_object (may be NULL) gets the etag. */
bool s3_client_copy(struct s3_client *client, const struct s3_copy *copy, struct s3_object *ret_object,
                    struct error *err) MUST_CHECK;

/* How an object is copied that may be too large for one request; bytes. */
struct s3_copy_limits {
    int64_t single_max; /* up to here in one request */
    int64_t part_bytes; /* of a part; grows, when there would be more than S3_PARTS_MAX */
};
extern const struct s3_copy_limits s3_copy_usual_limits; /* 5 GiB, which is S3's, and 1 GiB */

/* The size of the parts of so many bytes. Pure. */
int64_t s3_copy_part_bytes(const struct s3_copy_limits *limits, int64_t size);

/* An object of `size` bytes, in parts when it has to be; then content_type must be given. A copy in parts that fails is
 * aborted. ret_object (may be NULL) gets the etag. */
bool s3_copy_object(struct s3_client *client, const struct s3_copy *copy, int64_t size,
                    const struct s3_copy_limits *limits, struct s3_object *ret_object, struct error *err) MUST_CHECK;

#endif
