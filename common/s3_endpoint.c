#include "common/s3_endpoint.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

enum { HOST_MAX = 253, BUCKET_MIN = 3, BUCKET_MAX = 63, PORT_MAX = 65535, PREFIX_MAX = 512 };

static const char lower_alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char bucket_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
static const char host_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
static const char ipv6_characters[] = "[0123456789abcdefABCDEF:.]";
static const char prefix_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~/"; /* such as need no encoding */

/* AmazonS3/latest/userguide/bucketnamingrules. */
static bool bucket_valid(const char *bucket) {
    size_t length = strlen(bucket);
    return length >= BUCKET_MIN && length <= BUCKET_MAX && strspn(bucket, bucket_characters) == length &&
           strchr(lower_alphanumeric, bucket[0]) != NULL && strchr(lower_alphanumeric, bucket[length - 1]) != NULL &&
           strstr(bucket, "..") == NULL;
}

/* The scheme's length with "://", 0 for any other scheme. */
static size_t scheme_length(const char *url, bool *ret_tls) {
    *ret_tls = strncmp(url, "https://", 8) == 0;
    return *ret_tls ? 8 : (strncmp(url, "http://", 7) == 0 ? 7 : 0);
}

/* Where ":port" starts in an authority; its end when there is none. */
static size_t port_offset(const char *authority, size_t length) {
    for (size_t i = length; i > 0 && authority[i - 1] != ']'; i--) {
        if (authority[i - 1] == ':') {
            return i - 1;
        }
    }
    return length;
}

/* Appends host and, unless it is the scheme's default, port. */
static bool append_authority(struct buf *out, const char *authority, size_t length, bool tls) {
    size_t host_length = port_offset(authority, length);
    bool is_ipv6 = length > 1 && authority[0] == '[';
    if (host_length == 0 || host_length > HOST_MAX || is_ipv6 != (authority[host_length - 1] == ']') ||
        strspn(authority, is_ipv6 ? ipv6_characters : host_characters) < host_length) {
        return false;
    }
    buf_append(out, authority, host_length);
    if (host_length == length) {
        return true;
    }
    _cleanup_(freep) char *port_text = xstrndup(authority + host_length + 1, length - host_length - 1);
    int64_t port = 0;
    if (!parse_int64(port_text, 1, PORT_MAX, &port)) {
        return false;
    }
    if (port != (tls ? 443 : 80)) {
        buf_printf(out, ":%lld", (long long)port);
    }
    return true;
}

static bool prefix_valid(const char *prefix) {
    size_t length = strlen(prefix);
    return length <= PREFIX_MAX && strspn(prefix, prefix_characters) == length && strstr(prefix, "//") == NULL &&
           strstr(prefix, "/.") == NULL;
}

bool s3_endpoint_parse(const char *url, const char *bucket, bool path_style, struct s3_endpoint *ret_endpoint,
                       struct error *err) {
    bool tls = false;
    const char *authority = url + scheme_length(url, &tls);
    size_t length = strcspn(authority, "/");
    const char *prefix = authority + length;
    _cleanup_(buf_free) struct buf host = {0};
    if (!bucket_valid(bucket)) {
        return error_set(err, ERROR_CONFIG, "the bucket's name is not a valid one");
    }
    if (!path_style) {
        buf_printf(&host, "%s.", bucket);
    }
    if (authority == url || !append_authority(&host, authority, length, tls) || !prefix_valid(prefix)) {
        return error_set(err, ERROR_CONFIG, "the S3 endpoint must be http(s)://host[:port][/prefix]");
    }
    size_t prefix_length = strlen(prefix);
    while (prefix_length > 0 && prefix[prefix_length - 1] == '/') {
        prefix_length--;
    }
    ret_endpoint->scheme = xstrdup(tls ? "https" : "http");
    ret_endpoint->host = buf_take(&host);
    ret_endpoint->path =
        path_style ? xasprintf("%.*s/%s", (int)prefix_length, prefix, bucket) : xstrndup(prefix, prefix_length);
    return true;
}

void s3_endpoint_free(struct s3_endpoint *endpoint) {
    free(endpoint->path);
    free(endpoint->host);
    free(endpoint->scheme);
    *endpoint = (struct s3_endpoint){0};
}

void s3_endpoint_path(const struct s3_endpoint *endpoint, const char *key, struct buf *out) {
    buf_append_text(out, endpoint->path);
    if (key != NULL || *endpoint->path == '\0') {
        buf_append_char(out, '/');
    }
    if (key != NULL) {
        buf_append_text(out, key);
    }
}
