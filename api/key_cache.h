/* What a few seconds ago was known of API keys and tokens, by their hash: those that are good and those that are not. Bounded; entries
 * push each other out. Safe for many threads. */
#ifndef SLUICE_API_KEY_CACHE_H
#define SLUICE_API_KEY_CACHE_H

#include "api/request.h"
#include "common/crypto.h"

enum { KEY_CACHE_ENTRIES = 512, KEY_CACHE_TTL_MS = 5000 };

struct key_cache;

struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache);
DEFINE_CLEANUP(struct key_cache *, key_cache)

/* False when nothing recent is known. ret_good false: the key is none of ours, or was revoked. */
bool key_cache_get(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms, bool *ret_good,
                   struct principal *ret_principal);

/* principal NULL: the key is no good. */
void key_cache_put(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms,
                   const struct principal *principal);

/* The same for a time of the caller's, if that is shorter than KEY_CACHE_TTL_MS. */
void key_cache_put_for(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms, int64_t ttl_ms,
                       const struct principal *principal);

#endif
