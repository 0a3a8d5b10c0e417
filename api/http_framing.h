/* How the body of a request is delimited, and whether its headers agree on that (RFC 9112, section 6). Pure.
 *
 * Disagreement between two readers of one connection is how requests are smuggled, so whatever is ambiguous is refused. */
#ifndef SLUICE_API_HTTP_FRAMING_H
#define SLUICE_API_HTTP_FRAMING_H

#include "common/error.h"
#include "common/http_client.h"

struct http_framing {
    bool chunked;
    int64_t length; /* -1: neither a length nor chunks were announced */
};

/* BAD_REQUEST or NOT_IMPLEMENTED; the connection cannot be used any further then. */
bool http_framing_of(const struct http_header *headers, size_t count, struct http_framing *ret_framing,
                     struct error *err) MUST_CHECK;

/* One Host line in HTTP/1.1, at most one in 1.0 (RFC 9112, section 3.2): two readers could believe different ones.
 * BAD_REQUEST. */
bool http_framing_check_host(const struct http_header *headers, size_t count, bool http_1_0,
                             struct error *err) MUST_CHECK;

/* Whether the connection stays open after the answer (RFC 9112, section 9.3). */
bool http_framing_persistent(const struct http_header *headers, size_t count, bool http_1_0);

#endif
