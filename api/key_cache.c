#include "api/key_cache.h"

#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

struct entry {
    int64_t until_ms; /* 0: empty */
    bool good;
    unsigned char hash[SHA256_SIZE];
    struct principal principal;
};

struct key_cache {
    pthread_mutex_t lock;
    struct entry entries[KEY_CACHE_ENTRIES];
};

struct key_cache *key_cache_new(void) {
    struct key_cache *cache = xcalloc(1, sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void key_cache_free(struct key_cache *cache) {
    if (cache != NULL) {
        pthread_mutex_destroy(&cache->lock);
        free(cache);
    }
}

static struct entry *place_of(struct key_cache *cache, const unsigned char hash[SHA256_SIZE]) {
    return &cache->entries[(hash[0] << 8 | hash[1]) % KEY_CACHE_ENTRIES];
}

bool key_cache_get(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms, bool *ret_good,
                   struct principal *ret_principal) {
    pthread_mutex_lock(&cache->lock);
    const struct entry *entry = place_of(cache, hash);
    bool known = entry->until_ms > now_ms && bytes_equal(entry->hash, hash, SHA256_SIZE);
    if (known) {
        *ret_good = entry->good;
        *ret_principal = entry->principal;
    }
    pthread_mutex_unlock(&cache->lock);
    return known;
}

void key_cache_put(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms,
                   const struct principal *principal) {
    key_cache_put_for(cache, hash, now_ms, KEY_CACHE_TTL_MS, principal);
}

void key_cache_put_for(struct key_cache *cache, const unsigned char hash[SHA256_SIZE], int64_t now_ms, int64_t ttl_ms,
                       const struct principal *principal) {
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = place_of(cache, hash);
    entry->until_ms = now_ms + (ttl_ms < KEY_CACHE_TTL_MS ? ttl_ms : KEY_CACHE_TTL_MS);
    entry->good = principal != NULL;
    entry->principal = principal == NULL ? (struct principal){0} : *principal;
    memcpy(entry->hash, hash, SHA256_SIZE);
    pthread_mutex_unlock(&cache->lock);
}
