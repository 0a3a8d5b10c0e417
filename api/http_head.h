/* Whether civetweb read the whole head of a request, and as every other reader would (RFC 9112, sections 2.2, 3 and 5).
 *
 * It takes a lone LF for the end of a line, any white space for the blanks of a request line, and blanks before a header's
 * colon, drops what comes after its 64th header, and stops in silence at a line that is none. A proxy in front that does
 * otherwise would see another request: whatever leaves such a choice is refused. */
#ifndef SLUICE_API_HTTP_HEAD_H
#define SLUICE_API_HTTP_HEAD_H

#include "common/error.h"

struct mg_request_info;

/* BAD_REQUEST or HEADERS_TOO_LARGE; the connection cannot be used any further then. */
bool http_head_check(const struct mg_request_info *info, struct error *err) MUST_CHECK;

#endif
