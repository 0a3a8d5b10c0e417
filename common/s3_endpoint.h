/* Where a bucket is: the settings of a store, and how they become scheme, Host header and path of a request. Pure. */
#ifndef SLUICE_COMMON_S3_ENDPOINT_H
#define SLUICE_COMMON_S3_ENDPOINT_H

#include "common/buf.h"
#include "common/error.h"

#include <stdint.h>

/* Texts are borrowed for the call of a constructor only; it copies what it keeps. */
struct s3_config {
    const char *endpoint; /* http(s)://host[:port][/prefix] */
    const char *region;
    const char *bucket;
    const char *access_key;
    const char *secret_key;
    const char *session_token; /* NULL or "": none */
    bool path_style;           /* endpoint/bucket/key; else bucket.endpoint/key */
    const char *ca_file;       /* PEM; NULL or "": the system's */
    /* Only the client reads these; 0 takes the default in brackets. */
    int64_t connect_timeout_ms; /* [3,000] */
    int64_t request_timeout_ms; /* of one request with its body, [none: stalls are found by the two below] */
    int64_t low_speed_bytes_s;  /* a transfer slower than this … [1,024] */
    int64_t low_speed_time_s;   /* … for as long as this is given up [20] */
    int64_t max_attempts;       /* of an idempotent request, [3] */
};

struct s3_endpoint {
    char *scheme; /* "http" or "https" */
    char *host;   /* Host header: the port is there unless it is the scheme's default; with the bucket in it, or not */
    char *path;   /* prefix and, in path style, bucket; not encoded; "" or starts with '/', never ends with it */
};

/* ERROR_CONFIG for anything but http(s)://host[:port][/prefix] and for a bucket name that is not one. */
bool s3_endpoint_parse(const char *url, const char *bucket, bool path_style, struct s3_endpoint *ret_endpoint,
                       struct error *err) MUST_CHECK;
void s3_endpoint_free(struct s3_endpoint *endpoint);

/* Appends the path of an object, not encoded; key NULL: of the bucket (in virtual-host style "/"). */
void s3_endpoint_path(const struct s3_endpoint *endpoint, const char *key, struct buf *out);

#endif
