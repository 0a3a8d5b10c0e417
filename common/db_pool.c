#include "common/db_private.h"
#include "common/pool.h"
#include "common/xalloc.h"

struct db_pool {
    struct pool *idle;
    struct retry_gate gate;
    size_t size;
    void *connections[]; /* struct db */
};

struct db_pool *db_pool_new(const char *url, const char *application, size_t size, int64_t statement_timeout_ms) {
    struct db_pool *pool = xcalloc(1, sizeof *pool + size * sizeof pool->connections[0]);
    pool->size = size;
    for (size_t i = 0; i < size; i++) {
        pool->connections[i] = db_new(url, application, statement_timeout_ms);
        db_plan_look_ups(pool->connections[i]);
        db_share_gate(pool->connections[i], &pool->gate);
    }
    pool->idle = pool_new(pool->connections, size);
    return pool;
}

void db_pool_on_announcement(struct db_pool *pool, void (*notify)(void *context), void *context) {
    for (size_t i = 0; i < pool->size; i++) {
        db_on_announcement(pool->connections[i], notify, context);
    }
}

void db_pool_free(struct db_pool *pool) {
    if (pool == NULL) {
        return;
    }
    pool_free(pool->idle);
    for (size_t i = 0; i < pool->size; i++) {
        db_free(pool->connections[i]);
    }
    free(pool);
}

bool db_pool_take(struct db_pool *pool, int64_t timeout_ms, struct db **ret_db, struct error *err) {
    struct db *db = pool_take(pool->idle, timeout_ms);
    if (db == NULL) {
        return error_set(err, ERROR_OVERLOADED, "no free connection to the database within %lld ms",
                         (long long)timeout_ms);
    }
    *ret_db = db;
    return true;
}

void db_pool_give(struct db_pool *pool, struct db *db) {
    db_rollback(db);
    pool_give(pool->idle, db);
}
