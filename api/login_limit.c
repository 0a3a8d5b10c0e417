#include "api/login_limit.h"

#include "common/crypto.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

enum { ADDRESS_SIZE = 48 };

struct window {
    char address[ADDRESS_SIZE];
    int64_t began_ms, failures;
};

struct login_limit {
    pthread_mutex_t lock;
    int64_t attempts;
    uint64_t seed; /* so that nobody knows which addresses share a place */
    struct window windows[LOGIN_LIMIT_ADDRESSES];
};

struct login_limit *login_limit_new(int64_t attempts) {
    struct login_limit *limit = xcalloc(1, sizeof *limit);
    pthread_mutex_init(&limit->lock, NULL);
    limit->attempts = attempts;
    random_bytes(&limit->seed, sizeof limit->seed);
    return limit;
}

void login_limit_free(struct login_limit *limit) {
    if (limit != NULL) {
        pthread_mutex_destroy(&limit->lock);
        free(limit);
    }
}

static struct window *place_of(struct login_limit *limit, const char *address) {
    unsigned char digest[SHA256_SIZE];
    hmac_sha256(&limit->seed, sizeof limit->seed, address, strlen(address), digest);
    return &limit->windows[(digest[0] << 8 | digest[1]) % LOGIN_LIMIT_ADDRESSES];
}

static bool is_current(const struct window *window, const char *address, int64_t now_ms) {
    return window->failures > 0 && now_ms - window->began_ms < LOGIN_LIMIT_WINDOW_MS &&
           strncmp(window->address, address, sizeof window->address - 1) == 0;
}

bool login_limit_allows(struct login_limit *limit, const char *address, int64_t now_ms) {
    pthread_mutex_lock(&limit->lock);
    const struct window *window = place_of(limit, address);
    bool is_allowed = !is_current(window, address, now_ms) || window->failures < limit->attempts;
    pthread_mutex_unlock(&limit->lock);
    return is_allowed;
}

void login_limit_failed(struct login_limit *limit, const char *address, int64_t now_ms) {
    pthread_mutex_lock(&limit->lock);
    struct window *window = place_of(limit, address);
    if (!is_current(window, address, now_ms)) {
        *window = (struct window){.began_ms = now_ms};
        snprintf(window->address, sizeof window->address, "%s", address);
    }
    window->failures++;
    pthread_mutex_unlock(&limit->lock);
}
