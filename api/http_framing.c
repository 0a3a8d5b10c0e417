#include "api/http_framing.h"

#include "common/encode.h"

#include <string.h>
#include <strings.h>

/* The one value of a header; false when it is there several times with different values. */
static bool sole_value(const struct http_header *headers, size_t count, const char *name, const char **ret_value) {
    *ret_value = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(headers[i].name, name) != 0) {
            continue;
        }
        if (*ret_value != NULL && strcmp(*ret_value, headers[i].value) != 0) {
            return false;
        }
        *ret_value = headers[i].value;
    }
    return true;
}

/* parse_int64 would take a sign. */
static bool parse_length(const char *text, int64_t *ret_length) {
    return *text != '\0' && strspn(text, "0123456789") == strlen(text) && parse_int64(text, 0, INT64_MAX, ret_length);
}

bool http_framing_of(const struct http_header *headers, size_t count, struct http_framing *ret_framing,
                     struct error *err) {
    const char *encoding = NULL;
    const char *length = NULL;
    if (!sole_value(headers, count, "Transfer-Encoding", &encoding) ||
        !sole_value(headers, count, "Content-Length", &length)) {
        return error_set(err, ERROR_BAD_REQUEST, "Content-Length or Transfer-Encoding is given twice");
    }
    *ret_framing = (struct http_framing){.chunked = encoding != NULL, .length = -1};
    if (encoding != NULL && length != NULL) {
        return error_set(err, ERROR_BAD_REQUEST, "Content-Length and Transfer-Encoding exclude each other");
    }
    if (encoding != NULL && strcasecmp(encoding, "chunked") != 0) {
        return error_set(err, ERROR_NOT_IMPLEMENTED, "the only Transfer-Encoding supported is chunked");
    }
    if (length != NULL && !parse_length(length, &ret_framing->length)) {
        return error_set(err, ERROR_BAD_REQUEST, "Content-Length is not a number of bytes");
    }
    return true;
}

bool http_framing_check_host(const struct http_header *headers, size_t count, bool http_1_0, struct error *err) {
    size_t hosts = 0;
    for (size_t i = 0; i < count; i++) {
        hosts += strcasecmp(headers[i].name, "Host") == 0;
    }
    return hosts == 1 || (hosts == 0 && http_1_0) ||
           error_set(err, ERROR_BAD_REQUEST, hosts == 0 ? "Host is missing" : "Host is given twice");
}

bool http_framing_persistent(const struct http_header *headers, size_t count, bool http_1_0) {
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(headers[i].name, "Connection") == 0) {
            return strcasestr(headers[i].value, "keep-alive") != NULL;
        }
    }
    return !http_1_0;
}
