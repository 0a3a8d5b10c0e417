#include "api/s3_pool.h"

#include "common/pool.h"
#include "common/xalloc.h"

#include <stdatomic.h>

enum { TAKE_TIMEOUT_MS = 5000 };

/* Places for clients, most of them empty for ever: a client takes 7 KiB, and one is made when all others are in use. */
struct s3_pool {
    struct s3_config config;
    struct pool *idle; /* places, as pointers into `clients` */
    size_t count;
    _Atomic(struct s3_client *) clients[]; /* written once by who has the place, read by all who look for theirs */
};

static bool fill_place(const struct s3_pool *pool, _Atomic(struct s3_client *) *place, struct error *err) {
    struct s3_client *client = NULL;
    if (!s3_client_new(&pool->config, &client, err)) {
        return false;
    }
    atomic_store(place, client);
    return true;
}

/* The first client is made at once: a wrong setting must be told at the start. */
bool s3_pool_new(const struct s3_config *config, size_t size, struct s3_pool **ret_pool, struct error *err) {
    _cleanup_(s3_pool_freep) struct s3_pool *pool = xcalloc(1, sizeof *pool + size * sizeof(void *));
    _cleanup_(freep) void **places = xcalloc(size, sizeof(void *));
    pool->config = *config;
    pool->count = size;
    for (size_t i = 0; i < size; i++) {
        places[i] = &pool->clients[size - 1 - i]; /* the last one is taken first */
    }
    pool->idle = pool_new(places, size);
    if (!fill_place(pool, &pool->clients[0], err)) {
        return false;
    }
    *ret_pool = take_ptr(pool);
    return true;
}

void s3_pool_free(struct s3_pool *pool) {
    if (pool == NULL) {
        return;
    }
    pool_free(pool->idle);
    for (size_t i = 0; i < pool->count; i++) {
        s3_client_free(atomic_load(&pool->clients[i]));
    }
    free(pool);
}

bool s3_pool_take(struct s3_pool *pool, struct s3_client **ret_client, struct error *err) {
    _Atomic(struct s3_client *) *place = pool_take(pool->idle, TAKE_TIMEOUT_MS);
    if (place == NULL) {
        return error_set(err, ERROR_OVERLOADED, "every connection to the store is in use");
    }
    if (atomic_load(place) == NULL && !fill_place(pool, place, err)) {
        pool_give(pool->idle, place);
        return false;
    }
    *ret_client = atomic_load(place);
    return true;
}

void s3_pool_give(struct s3_pool *pool, struct s3_client *client) {
    _Atomic(struct s3_client *) *place = pool->clients;
    while (atomic_load(place) != client) {
        place++;
    }
    pool_give(pool->idle, place);
}
