/* Keys that sign tokens, and the check of a signature (RFC 7515, 7517, 7518), by libcjose.
 *
 * The algorithm belongs to the key: a symmetric one is for HS256, an RSA one for RS256, one on P-256 for ES256, and for nothing
 * else. A token's word for it only has to agree. Safe for many readers. */
#ifndef SLUICE_API_JWT_KEYS_H
#define SLUICE_API_JWT_KEYS_H

#include "common/buf.h"
#include "common/error.h"

enum jwt_algorithm { JWT_HS256, JWT_RS256, JWT_ES256, JWT_ALGORITHM_COUNT };

enum { JWT_KEYS_MAX = 64, JWT_KID_MAX = 128, JWT_SECRET_MIN = 32, JWT_RSA_MIN_BITS = 2048 };

/* By its name in RFC 7518; false for all others, in whatever case. */
bool jwt_algorithm_of(const char *name, enum jwt_algorithm *ret_algorithm);

struct jwt_keys;

struct jwt_keys *jwt_keys_new(void);
void jwt_keys_free(struct jwt_keys *keys);
DEFINE_CLEANUP(struct jwt_keys *, jwt_keys)

/* A secret for HS256 that fits whatever key id a token names, unless a key of a set has that id. ERROR_CONFIG when it is short. */
bool jwt_keys_add_secret(struct jwt_keys *keys, const char *secret, struct error *err) MUST_CHECK;

/* The keys of a JWK Set. Those for other uses or algorithms are left out; ERROR_CONFIG for what is no set, for a key that is broken
 * or weak, and when none is left. */
bool jwt_keys_add_set(struct jwt_keys *keys, const char *json, size_t length, struct error *err) MUST_CHECK;

size_t jwt_keys_count(const struct jwt_keys *keys);

/* Checks a token in compact form, of which the caller has looked at the header: kid (NULL: none) and algorithm. ret_payload gets
 * what is signed. UNAUTHORIZED. */
bool jwt_keys_verify(const struct jwt_keys *keys, const char *kid, enum jwt_algorithm algorithm, const char *token,
                     size_t length, struct buf *ret_payload, struct error *err) MUST_CHECK;

#endif
