/* Whether a webhook may be sent to a URL. Pure; what its host's name stands for is checked when a connection is made. */
#ifndef SLUICE_COMMON_WEBHOOK_URL_H
#define SLUICE_COMMON_WEBHOOK_URL_H

#include "common/error.h"

enum { WEBHOOK_URL_MAX = 2000 };

struct webhook_url_rules {
    bool allow_http;
    bool allow_private; /* any address and any port */
};

/* https://host[:port][/path][?query] in printable ASCII: no user, no fragment, no backslash; the host a name, an IPv4
 * address in its usual form, or an IPv6 address in brackets; unless private ones are allowed, of a public address, and the
 * port 80, 443 or above 1023. Else VALIDATION_FAILED, with what is wrong. */
bool webhook_url_check(const char *url, const struct webhook_url_rules *rules, struct error *err) MUST_CHECK;

#endif
