/* JSON Web Tokens of callers (RFC 7519, 7515, 8725): form, header, signature, claims, in this order; nothing of a token is looked at
 * before it is small and well-formed. Safe for many threads. */
#ifndef SLUICE_API_JWT_H
#define SLUICE_API_JWT_H

#include "api/jwt_claims.h"
#include "api/jwt_keys.h"
#include "common/config.h"

enum { JWT_TOKEN_MAX = 8192 }; /* bytes */

/* What a token says of its signature. */
struct jwt_header {
    enum jwt_algorithm algorithm;
    bool has_kid;
    char kid[JWT_KID_MAX + 1];
};

/* The form of a signed token, three parts of base64url, and its header: UNAUTHORIZED for an algorithm that is none of ours, for
 * `crit`, and for another type than JWT or at+jwt. Pure. */
bool jwt_header_read(const char *token, struct jwt_header *ret_header, struct error *err) MUST_CHECK;

struct jwt;

/* By SLUICE_JWT_*; *ret_jwt is NULL when these name no key. ERROR_CONFIG. The settings are borrowed. */
bool jwt_new(const struct config *config, struct jwt **ret_jwt, struct error *err) MUST_CHECK;
void jwt_free(struct jwt *jwt);
DEFINE_CLEANUP(struct jwt *, jwt)

/* UNAUTHORIZED. Reads the file of keys again when it has changed, at most once a second; while it is broken the keys of before
 * count. */
bool jwt_check(struct jwt *jwt, const char *token, int64_t now_ms, struct jwt_claims *ret_claims,
               struct error *err) MUST_CHECK;

#endif
