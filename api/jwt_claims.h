/* What a token claims, and whether it may now (RFC 7519, section 4.1; scopes as RFC 8693, section 4.2, has them). Pure. */
#ifndef SLUICE_API_JWT_CLAIMS_H
#define SLUICE_API_JWT_CLAIMS_H

#include "api/request.h"

struct jwt_rules {
    const char *audience; /* "": not looked at */
    const char *issuer;   /* "": not looked at */
    int64_t leeway_s;
};

struct jwt_claims {
    char subject[OWNER_ID_SIZE];
    unsigned scopes;      /* mask of enum scope */
    int64_t expires_at_s; /* since 1970; after it the leeway runs */
};

/* `json` is the payload of a token whose signature fits. UNAUTHORIZED: malformed, expired (exp is required), not valid yet (nbf,
 * iat), for another audience, from another issuer, or without a subject that can be an owner. */
bool jwt_claims_read(const char *json, size_t length, const struct jwt_rules *rules, int64_t now_s,
                     struct jwt_claims *ret_claims, struct error *err) MUST_CHECK;

#endif
