/* Cookies of a request (RFC 6265, section 4.2). Pure. */
#ifndef SLUICE_API_COOKIE_H
#define SLUICE_API_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* Where the value of a cookie starts in a Cookie header, and how long it is; quotes around it are not part of it. NULL when the
 * header (which may be NULL) has no such cookie, and also when it has several: then another host of the same site, or a page
 * without TLS, has set one of its own, and nothing tells which. */
const char *cookie_find(const char *header, const char *name, size_t *ret_length);

#endif
