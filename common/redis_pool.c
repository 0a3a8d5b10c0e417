#include "common/pool.h"
#include "common/redis_command.h"
#include "common/xalloc.h"

struct redis_pool {
    struct pool *idle;
    struct retry_gate gate;
    size_t size;         /* how many connections there are; while it is being made, how many so far */
    void *connections[]; /* struct redis */
};

bool redis_pool_new(const char *url, size_t size, int64_t timeout_ms, struct redis_pool **ret_pool, struct error *err) {
    _cleanup_(redis_pool_freep) struct redis_pool *pool = xcalloc(1, sizeof *pool + size * sizeof pool->connections[0]);
    for (; pool->size < size; pool->size++) {
        struct redis *redis = NULL;
        if (!redis_new(url, timeout_ms, &redis, err)) {
            return false;
        }
        redis_share_gate(redis, &pool->gate);
        pool->connections[pool->size] = redis;
    }
    pool->idle = pool_new(pool->connections, size);
    *ret_pool = take_ptr(pool);
    return true;
}

void redis_pool_free(struct redis_pool *pool) {
    if (pool == NULL) {
        return;
    }
    pool_free(pool->idle);
    for (size_t i = 0; i < pool->size; i++) {
        redis_free(pool->connections[i]);
    }
    free(pool);
}

bool redis_pool_take(struct redis_pool *pool, int64_t timeout_ms, struct redis **ret_redis, struct error *err) {
    struct redis *redis = pool_take(pool->idle, timeout_ms);
    if (redis == NULL) {
        return error_set(err, ERROR_OVERLOADED, "no free connection to Redis within %lld ms", (long long)timeout_ms);
    }
    *ret_redis = redis;
    return true;
}

void redis_pool_give(struct redis_pool *pool, struct redis *redis) {
    pool_give(pool->idle, redis);
}
