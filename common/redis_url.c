#include "common/redis_url.h"

#include "common/buf.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

enum { DEFAULT_PORT = 6379, MAX_DATABASE = 65535 };

static bool decode(const char *text, size_t length, char **ret_text) {
    _cleanup_(buf_free) struct buf decoded = {0};
    if (!decode_uri(text, length, false, &decoded)) {
        return false;
    }
    *ret_text = buf_take(&decoded);
    return true;
}

/* `user:password`, `:password` or, as some clients write it, `user:` without a password. */
static bool parse_credentials(struct redis_url *url, const char *text, size_t length) {
    const char *colon = memchr(text, ':', length);
    if (colon == NULL) {
        return false;
    }
    size_t user_length = (size_t)(colon - text);
    size_t password_length = length - user_length - 1;
    return (user_length == 0 || decode(text, user_length, &url->user)) &&
           (password_length == 0 || decode(colon + 1, password_length, &url->password));
}

/* An IPv6 address, perhaps with a zone, when it stood in brackets; else anything that begins no other part. */
static bool is_host(const char *host, bool in_brackets) {
    static const char address[] = "0123456789abcdefABCDEF:.";
    size_t length = in_brackets ? strspn(host, address) : strcspn(host, "[] \t\r\n");
    return length > 0 && (host[length] == '\0' || (in_brackets && host[length] == '%'));
}

/* `host`, `host:port`, `[::1]` or `[::1]:port`. */
static bool parse_address(struct redis_url *url, const char *text, size_t length) {
    _cleanup_(freep) char *address = xstrndup(text, length);
    char *host = address;
    char *rest = NULL;
    if (*address == '[') {
        host = address + 1;
        rest = strchr(host, ']');
        if (rest == NULL) {
            return false;
        }
        *rest++ = '\0';
    } else {
        rest = address + strcspn(address, ":");
    }
    int64_t port = DEFAULT_PORT;
    if (*rest != '\0') {
        if (*rest != ':' || !parse_int64(rest + 1, 1, 65535, &port)) {
            return false;
        }
        *rest = '\0';
    }
    url->port = (int)port;
    url->host = xstrdup(host);
    return is_host(host, host > address);
}

static bool parse_database(struct redis_url *url, const char *path, size_t length) {
    _cleanup_(freep) char *database = xstrndup(path, length);
    return length == 0 || strcmp(database, "/") == 0 ||
           (*database == '/' && parse_int64(database + 1, 0, MAX_DATABASE, &url->database));
}

static bool parse_options(struct redis_url *url, const char *options) {
    static const char name[] = "?ssl_ca_certs=";
    if (*options == '\0') {
        return true;
    }
    const char *value = options + sizeof name - 1;
    return url->tls && strncmp(options, name, sizeof name - 1) == 0 && *value != '\0' &&
           decode(value, strlen(value), &url->ca_file);
}

static bool parse_parts(struct redis_url *url, const char *text) {
    static const char plain[] = "redis://";
    static const char secure[] = "rediss://";
    url->tls = strncmp(text, secure, sizeof secure - 1) == 0;
    if (!url->tls && strncmp(text, plain, sizeof plain - 1) != 0) {
        return false;
    }
    const char *authority = text + (url->tls ? sizeof secure : sizeof plain) - 1;
    const char *path = authority + strcspn(authority, "/?#");
    const char *address = authority;
    for (const char *c = authority; c < path; c++) {
        address = *c == '@' ? c + 1 : address;
    }
    if (address > authority && !parse_credentials(url, authority, (size_t)(address - authority) - 1)) {
        return false;
    }
    size_t path_length = strcspn(path, "?#");
    return parse_address(url, address, (size_t)(path - address)) && parse_database(url, path, path_length) &&
           parse_options(url, path + path_length);
}

bool redis_url_parse(const char *text, struct redis_url *ret_url, struct error *err) {
    _cleanup_(redis_url_free) struct redis_url url = {0};
    if (!parse_parts(&url, text)) {
        return error_set(err, ERROR_CONFIG,
                         "a Redis URL must look like redis://[user:password@]host[:port][/database], or rediss://…"
                         "[?ssl_ca_certs=FILE] for TLS");
    }
    *ret_url = url;
    url = (struct redis_url){0};
    return true;
}

void redis_url_free(struct redis_url *url) {
    free(url->host);
    free(url->user);
    free(url->password);
    free(url->ca_file);
    *url = (struct redis_url){0};
}
