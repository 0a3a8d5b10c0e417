/* The policy of a browser's form upload: what the store demands of the form's fields and of the file. Pure.
 *
 * Source: AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.
 */
#ifndef SLUICE_COMMON_S3_POST_POLICY_H
#define SLUICE_COMMON_S3_POST_POLICY_H

#include "common/s3_presign.h"

struct s3_post_policy {
    const char *bucket;
    const struct s3_field *fields; /* the form's fields, each of which must have exactly this value; valid UTF-8 */
    size_t field_count;
    bool any_content_type; /* the form must have a Content-Type, of the client's choice */
    int64_t minimum_size;
    int64_t maximum_size;
    int64_t expires_at_ms;
};

/* Appends the policy's JSON text; its base64 form is what is signed and sent. */
void s3_post_policy_write(const struct s3_post_policy *policy, struct buf *out);

#endif
