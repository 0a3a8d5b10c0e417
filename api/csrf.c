#include "api/csrf.h"

#include "common/crypto.h"
#include "common/encode.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { HOST_MAX = 255 };

void csrf_token_make(const void *secret, size_t length, char ret_token[CSRF_TOKEN_SIZE]) {
    static const char purpose[] = "sluice admin form";
    unsigned char digest[SHA256_SIZE];
    hmac_sha256(secret, length, purpose, sizeof purpose - 1, digest);
    encode_hex(digest, sizeof digest, ret_token);
}

bool csrf_is_browser(const struct request *request) {
    static const char *const marks[] = {"Origin", "Sec-Fetch-Site", "Cookie"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (request_header(request, marks[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_address(const char *host) {
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

bool csrf_host_is_local(const struct request *request) {
    static const char name[] = "localhost";
    const char *header = request_header(request, "Host");
    char host[HOST_MAX + 1];
    if (header == NULL) {
        return true;
    }
    bool has_brackets = *header == '[';
    size_t length = strcspn(header + has_brackets, has_brackets ? "]" : ":");
    if (length > HOST_MAX) {
        return false;
    }
    memcpy(host, header + has_brackets, length);
    host[length] = '\0';
    size_t tail = length > sizeof name - 1 ? length - (sizeof name - 1) : 0;
    return is_address(host) || (strcasecmp(host + tail, name) == 0 && (tail == 0 || host[tail - 1] == '.'));
}

static bool refuse(const char *why, struct error *err) {
    return error_set(err, ERROR_CSRF_REFUSED, "%s", why);
}

/* Browsers say by Sec-Fetch-Site what they know best, also behind a proxy that changes Host; those without it, or on a plain
 * http address, send the Origin. */
bool csrf_same_origin(const struct request *request, struct error *err) {
    const char *site = request_header(request, "Sec-Fetch-Site");
    const char *origin = request_header(request, "Origin");
    const char *host = request_header(request, "Host");
    if (site != NULL) {
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0 ||
               refuse("the request comes from a page of another site", err);
    }
    if (origin == NULL) {
        return true;
    }
    const char *authority = strstr(origin, "://");
    return (authority != NULL && host != NULL && strcasecmp(authority + 3, host) == 0) ||
           refuse("the request comes from a page of another origin", err);
}

bool csrf_accept(struct request *request, const char *token, struct error *err) {
    size_t length = strlen(request->csrf_token);
    if (length == 0 || strlen(token) != length || !bytes_equal(token, request->csrf_token, length)) {
        return refuse("the form is too old, or of another login: load its page again", err);
    }
    request->csrf_open = false;
    return true;
}

static bool changes_nothing(const char *method) {
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

bool csrf_check(struct request *request, struct error *err) {
    if (!request->csrf_needed || changes_nothing(request->method)) {
        return true;
    }
    if (!csrf_same_origin(request, err)) {
        return false;
    }
    const char *header = request_header(request, CSRF_HEADER);
    if (header != NULL) {
        return csrf_accept(request, header, err);
    }
    if (request->match.route->body == BODY_FORM) {
        request->csrf_open = true;
        return true;
    }
    _cleanup_(freep) char *field = NULL;
    return request->match.route->body == BODY_FIELDS ? request_field(request, CSRF_FIELD, &field, err) &&
                                                           csrf_accept(request, field == NULL ? "" : field, err)
                                                     : csrf_accept(request, "", err);
}
