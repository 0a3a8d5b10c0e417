/* A fixed set of things that threads borrow, handed out in the order of asking; what db_pool and redis_pool share. */
#ifndef SLUICE_COMMON_POOL_H
#define SLUICE_COMMON_POOL_H

#include "common/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct pool;

/* Items are the caller's: the pool never frees them. */
struct pool *pool_new(void *const *items, size_t count);
/* All items must have been given back. */
void pool_free(struct pool *pool);

/* The item that was given back last, so that a calm service uses few of them; waits up to timeout_ms, NULL when none comes
 * free. */
void *pool_take(struct pool *pool, int64_t timeout_ms) MUST_CHECK;
void pool_give(struct pool *pool, void *item);

#endif
