/* Cross-origin requests (Fetch standard, section 3.2): which origins may call the API from their pages. Pure. */
#ifndef SLUICE_API_CORS_H
#define SLUICE_API_CORS_H

#include "common/error.h"

struct cors;

/* `origins` is SLUICE_CORS_ORIGINS: comma-separated origins such as https://app.example.com, or `*`. ERROR_CONFIG for
 * what is no origin. */
bool cors_new(const char *origins, struct cors **ret_cors, struct error *err) MUST_CHECK;
void cors_free(struct cors *cors);
DEFINE_CLEANUP(struct cors *, cors)

/* The value of Access-Control-Allow-Origin for a request of this origin (NULL: not cross-origin), or NULL when it gets
 * none. Valid as long as both. */
const char *cors_allowed_origin(const struct cors *cors, const char *origin);

/* Whether answers differ by origin, so that caches must be told (Vary: Origin). */
bool cors_varies(const struct cors *cors);

#define CORS_EXPOSED_HEADERS                                                                                           \
    "X-Request-Id, ETag, X-Cache, Location, Retry-After, Content-Disposition, Content-Range, Accept-Ranges, "          \
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, WWW-Authenticate, Idempotent-Replayed"
#define CORS_ALLOWED_HEADERS                                                                                           \
    "Authorization, Content-Type, Idempotency-Key, X-Request-Id, Range, If-None-Match, If-Range, Last-Event-ID, "      \
    "X-Requested-With, X-CSRF-Token, Uppy-Versions"
#define CORS_MAX_AGE_S "7200"

#endif
