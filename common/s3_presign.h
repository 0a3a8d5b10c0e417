/* Requests that somebody else may send: presigned GET, PUT and part URLs, and POST policy forms.
 *
 * Pure: time is an argument; nothing is asked of the store. Sources: AWS "Authenticating Requests: Using Query
 * Parameters" and "Creating a POST Policy" (AmazonS3/latest/API/sigv4-query-string-auth, sigv4-HTTPPOSTConstructPolicy).
 */
#ifndef SLUICE_COMMON_S3_PRESIGN_H
#define SLUICE_COMMON_S3_PRESIGN_H

#include "common/s3_endpoint.h"
#include "common/sigv4_signer.h"

enum { S3_PRESIGN_FIELDS_MAX = 32, S3_PRESIGN_METADATA_MAX = 12, S3_PRESIGN_EXPIRES_MAX_S = 604800 };

struct s3_presign; /* a signer for one bucket; may be shared by threads */

/* config->endpoint is the one that clients reach. ERROR_CONFIG. */
bool s3_presign_new(const struct s3_config *config, struct s3_presign **ret_presign, struct error *err) MUST_CHECK;
void s3_presign_free(struct s3_presign *presign);
DEFINE_CLEANUP(struct s3_presign *, s3_presign)

struct s3_field {
    const char *name;
    const char *value;
};

/* What the client must send. It owns all of its texts. */
struct s3_signed {
    const char *method; /* "GET", "PUT" or "POST"; static */
    const char *url;
    /* PUT: headers (browsers send Content-Length by themselves); POST: form fields in order, before the file. */
    struct s3_field fields[S3_PRESIGN_FIELDS_MAX];
    size_t field_count;
    int64_t expires_at_ms;
    struct buf texts; /* private: holds what the others point to */
};

void s3_signed_free(struct s3_signed *signed_request);

/* Optional texts are NULL. */
struct s3_presign_get {
    const char *key;
    const char *version_id;
    const char *response_content_type;
    const char *response_content_disposition;
    const char *response_cache_control;
    int64_t expires_s; /* 1 to S3_PRESIGN_EXPIRES_MAX_S, here and below */
};

struct s3_presign_put {
    const char *key;
    const char *content_type;
    int64_t size;                /* exact; -1: not known, any size is accepted by the store */
    bool if_none_match;          /* the object must not exist yet */
    const unsigned char *sha256; /* SHA256_SIZE bytes; NULL: not known */
    const struct s3_field
        *headers; /* more to sign and send, such as x-amz-meta-name; at most S3_PRESIGN_METADATA_MAX */
    size_t header_count;
    int64_t expires_s;
};

struct s3_presign_post {
    const char *key;
    const char *content_type; /* NULL: the client chooses, but must send the field */
    int64_t size;             /* exact; -1: not known, minimum_size to maximum_size */
    int64_t minimum_size;
    int64_t maximum_size;
    const unsigned char *sha256;   /* as above */
    int success_status;            /* 201 (with XML) or 204 */
    const struct s3_field *fields; /* x-amz-meta-*, at most S3_PRESIGN_METADATA_MAX */
    size_t field_count;
    int64_t expires_s;
};

struct s3_presign_part {
    const char *key;
    const char *upload_id;
    int part_number;             /* 1 to 10,000 */
    int64_t size;                /* exact; -1: not known */
    const unsigned char *sha256; /* as above */
    int64_t expires_s;
};

/* Each fills ret_signed, which the caller frees with s3_signed_free. */
void s3_presign_get(struct s3_presign *presign, const struct s3_presign_get *get, int64_t now_ms,
                    struct s3_signed *ret_signed);
void s3_presign_put(struct s3_presign *presign, const struct s3_presign_put *put, int64_t now_ms,
                    struct s3_signed *ret_signed);
void s3_presign_post(struct s3_presign *presign, const struct s3_presign_post *post, int64_t now_ms,
                     struct s3_signed *ret_signed);
void s3_presign_part(struct s3_presign *presign, const struct s3_presign_part *part, int64_t now_ms,
                     struct s3_signed *ret_signed);

/* Any request on the bucket in query form, for the routes that let a browser drive a multipart upload by itself
 * (CreateMultipartUpload, ListParts, Complete, Abort). key NULL: the bucket. */
void s3_presign_any(struct s3_presign *presign, const char *method, const char *key, const struct s3_field *query,
                    size_t query_count, int64_t expires_s, int64_t now_ms, struct s3_signed *ret_signed);

#endif
