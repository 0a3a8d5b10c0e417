/* Redis by hiredis: one connection with reconnect, the commands that Sluice uses, replies checked for their type.
 *
 * Every failure is ERROR_REDIS_UNAVAILABLE (also LOADING, READONLY, MISCONF and OOM answers: the dependency cannot work).
 * Not thread-safe: one per thread or per worker.
 */
#ifndef SLUICE_COMMON_REDIS_H
#define SLUICE_COMMON_REDIS_H

#include "common/buf.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

struct redis;

/* `url` is redis://[user:password@]host[:port][/database]; ERROR_CONFIG when it is not. Connects at the first use and after
 * a loss; a command that fails on a kept connection before any reply is tried once more on a new one only if it is safe to
 * repeat (GET, SETEX, DEL, LRANGE, LLEN, PING, PUBLISH). */
bool redis_new(const char *url, int64_t timeout_ms, struct redis **ret_redis, struct error *err) MUST_CHECK;
void redis_free(struct redis *redis);
DEFINE_CLEANUP(struct redis *, redis)

/* Counts the connections made; a change tells a caller that the connection in between was lost. */
uint64_t redis_generation(const struct redis *redis);

bool redis_ping(struct redis *redis, struct error *err) MUST_CHECK;

/* Tells who listens on a channel; nobody is fine. */
bool redis_publish(struct redis *redis, const char *channel, const char *message, struct error *err) MUST_CHECK;

/* Content cache. ret_found false: no such key (ret_value untouched). */
bool redis_get(struct redis *redis, const char *key, struct buf *ret_value, bool *ret_found,
               struct error *err) MUST_CHECK;
bool redis_set_expiring(struct redis *redis, const char *key, const void *bytes, size_t length, int64_t ttl_s,
                        struct error *err) MUST_CHECK;
bool redis_delete(struct redis *redis, const char *key, struct error *err) MUST_CHECK;

/* Lists. Elements are arrays of buf that the caller frees by redis_elements_free. */
struct redis_elements {
    struct buf *items;
    size_t count;
};
void redis_elements_free(struct redis_elements *elements);

bool redis_push(struct redis *redis, const char *list, const void *bytes, size_t length, struct error *err) MUST_CHECK;
bool redis_list_length(struct redis *redis, const char *list, int64_t *ret_length, struct error *err) MUST_CHECK;
/* All elements from the head on, at most `count`. */
bool redis_range(struct redis *redis, const char *list, size_t count, struct redis_elements *ret_elements,
                 struct error *err) MUST_CHECK;
/* Drops `count` elements from the head (LTRIM). */
bool redis_drop_head(struct redis *redis, const char *list, size_t count, struct error *err) MUST_CHECK;
/* Moves up to `count` elements, head of `from` to tail of `to` (LMOVE LEFT RIGHT, pipelined), and returns them. */
bool redis_move(struct redis *redis, const char *from, const char *to, size_t count,
                struct redis_elements *ret_elements, struct error *err) MUST_CHECK;
/* The same for one element, waiting up to timeout_ms for it (BLMOVE); ret_elements->count is 0 on a time-out. */
bool redis_move_wait(struct redis *redis, const char *from, const char *to, int64_t timeout_ms,
                     struct redis_elements *ret_elements, struct error *err) MUST_CHECK;

/* Runs a Lua script (EVALSHA, EVAL when it is not known) whose reply is an integer. */
bool redis_script(struct redis *redis, const char *script, size_t key_count, const char *const *keys_and_args,
                  size_t argument_count, int64_t *ret_number, struct error *err) MUST_CHECK;

/* A fixed number of connections shared by threads; same idea as db_pool. */
struct redis_pool;
bool redis_pool_new(const char *url, size_t size, int64_t timeout_ms, struct redis_pool **ret_pool,
                    struct error *err) MUST_CHECK;
void redis_pool_free(struct redis_pool *pool);
DEFINE_CLEANUP(struct redis_pool *, redis_pool)
bool redis_pool_take(struct redis_pool *pool, int64_t timeout_ms, struct redis **ret_redis,
                     struct error *err) MUST_CHECK;
void redis_pool_give(struct redis_pool *pool, struct redis *redis);

#endif
