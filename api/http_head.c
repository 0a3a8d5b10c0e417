#include "api/http_head.h"

#include <civetweb.h>
#include <string.h>

/* civetweb puts NULs over the ends of words and lines and leaves the rest where it was: CR and LF are two of them. */
enum { LINE_END = 2, VERSION_PREFIX = sizeof "HTTP/" - 1 };

static const char *end_of(const char *text) {
    return text + strlen(text);
}

/* One blank between the words, CR LF behind them. The query was cut off from the path. */
static bool is_plain_request_line(const struct mg_request_info *info) {
    const char *target_end = end_of(info->query_string == NULL ? info->request_uri : info->query_string);
    const char *line_end = end_of(info->http_version);
    const char *next = info->num_headers > 0 ? info->http_headers[0].name : line_end + LINE_END;
    return end_of(info->request_method) + 1 == info->request_uri &&
           target_end + 1 == info->http_version - VERSION_PREFIX && line_end + LINE_END == next;
}

/* No blank before the colon, CR LF at the end. */
static bool is_plain_header(const struct mg_header *header) {
    const char *colon = end_of(header->name);
    size_t blanks = (size_t)(header->value - colon) - 1;
    return memchr(colon + 1, '\0', blanks) == NULL && end_of(header->value)[1] == '\0';
}

bool http_head_check(const struct mg_request_info *info, struct error *err) {
    if (info->num_headers == MG_MAX_HEADERS) {
        return error_set(err, ERROR_HEADERS_TOO_LARGE, "at most %d header lines are read", MG_MAX_HEADERS - 1);
    }
    if (!is_plain_request_line(info)) {
        return error_set(err, ERROR_BAD_REQUEST, "the request line is malformed");
    }
    for (int i = 0; i < info->num_headers; i++) {
        if (!is_plain_header(&info->http_headers[i])) {
            return error_set(err, ERROR_BAD_REQUEST, "header line %d is malformed", i + 1);
        }
    }
    if (info->num_headers == 0) {
        return true;
    }
    /* What follows the last header must be the empty line. */
    const char *rest = end_of(info->http_headers[info->num_headers - 1].value) + LINE_END;
    return *rest == '\r' || *rest == '\0' || error_set(err, ERROR_BAD_REQUEST, "a line among the headers is none");
}
