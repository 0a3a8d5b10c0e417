/* An S3 client: objects of one bucket, signed by header (SigV4).
 *
 * One client belongs to one thread and keeps its connections. Codes of failures: STORE_NOT_FOUND (no such key; the
 * message names NoSuchBucket), STORE_UNAVAILABLE (no connection, 500, 502, 503, 504, SlowDown), STORE_DENIED
 * (401, 403), STORE_PRECONDITION (409, 412), STORE_ERROR (all else). Messages carry S3's <Code>, never a URL's query, a
 * key or a secret. Source: AmazonS3/latest/API. Multipart uploads are in s3_multipart.h, copies in s3_copy.h,
 * the bucket in s3_bucket.h.
 */
#ifndef SLUICE_COMMON_S3_CLIENT_H
#define SLUICE_COMMON_S3_CLIENT_H

#include "common/crypto.h"
#include "common/http_client.h"
#include "common/s3_endpoint.h"

struct s3_client;

/* Connects on first use. ERROR_CONFIG for a bad endpoint or bucket name. */
bool s3_client_new(const struct s3_config *config, struct s3_client **ret_client, struct error *err) MUST_CHECK;
void s3_client_free(struct s3_client *client);
DEFINE_CLEANUP(struct s3_client *, s3_client)

enum { S3_ETAG_SIZE = 160, S3_TYPE_SIZE = 256, S3_VERSION_SIZE = 256 };

/* What the store says of an object. A text longer than its place is left empty. */
struct s3_object {
    int64_t size;                     /* of the whole object, also for a range */
    char etag[S3_ETAG_SIZE];          /* without quotes */
    char content_type[S3_TYPE_SIZE];  /* "": not said */
    char version_id[S3_VERSION_SIZE]; /* "": the bucket has no versions */
    bool has_sha256;                  /* the store keeps a SHA-256 of the whole object (not one of parts) */
    unsigned char sha256[SHA256_SIZE];
    int64_t last_modified_ms; /* 0: not said */
};

bool s3_client_head(struct s3_client *client, const char *key, struct s3_object *ret_object,
                    struct error *err) MUST_CHECK;

struct s3_get {
    const char *key;
    const char *version_id; /* NULL: the latest */
    const char *if_match;   /* etag without quotes, NULL: any; STORE_PRECONDITION when it differs */
    int64_t offset;         /* first byte, 0 for the start */
    int64_t length;         /* -1: to the end */
    http_sink sink;
    void *sink_context;
};

/* Streams an object, or a range of it, into the sink. True only when every byte announced has arrived. A range that
 * starts at or after the end fails with RANGE_NOT_SATISFIABLE. ret_object may be NULL. */
bool s3_client_get(struct s3_client *client, const struct s3_get *get, struct s3_object *ret_object,
                   struct error *err) MUST_CHECK;

/* A whole object of at most max_bytes, appended to `out`; a larger one fails with FILE_TOO_LARGE. */
bool s3_client_read(struct s3_client *client, const char *key, size_t max_bytes, struct buf *out,
                    struct s3_object *ret_object, struct error *err) MUST_CHECK;

/* A body in memory (its hash is signed) or from a source (unsigned unless sha256 is given). */
struct s3_body {
    const void *bytes; /* NULL: from the source */
    http_source source;
    void *source_context;
    int64_t length;
    const unsigned char *sha256; /* SHA256_SIZE bytes; NULL: not known */
};

struct s3_put {
    const char *key;
    const char *content_type; /* NULL: the store's default, here and below */
    const char *cache_control;
    const char *content_disposition;
    bool if_none_match; /* STORE_PRECONDITION when the object exists */
    struct s3_body body;
};

/* ret_object (may be NULL) gets etag, version and size. */
bool s3_client_put(struct s3_client *client, const struct s3_put *put, struct s3_object *ret_object,
                   struct error *err) MUST_CHECK;

/* Deleting what is not there succeeds. */
bool s3_client_delete(struct s3_client *client, const char *key, struct error *err) MUST_CHECK;

/* Any number of keys, 1,000 a request. Fails when one of them could not be deleted; the others are. */
bool s3_client_delete_many(struct s3_client *client, const char *const *keys, size_t count,
                           struct error *err) MUST_CHECK;

struct s3_entry {
    const char *key; /* decoded; valid during the call */
    const char *etag;
    int64_t size;
    int64_t last_modified_ms;
};

/* Called for each object in the order of keys; to stop the listing it sets *ret_stop, to fail it returns false. */
typedef bool (*s3_list_function)(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err);

/* ListObjectsV2, all pages. start_after NULL: from the start. */
bool s3_client_list(struct s3_client *client, const char *prefix, const char *start_after, s3_list_function function,
                    void *context, struct error *err) MUST_CHECK;

#endif
