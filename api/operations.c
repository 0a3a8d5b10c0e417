#include "api/operations.h"

#include "common/event_queue.h"
#include "common/redis_server.h"

enum {
    REDIS_TIMEOUT_MS = 1000,
    ALIVE_S = 60, /* a worker that gave a sign of life since */
};

void operations_free(struct operations *operations) {
    db_result_free(operations->queue);
    db_result_free(operations->throughput);
    db_result_free(operations->work);
    db_result_free(operations->failed);
    db_result_free(operations->totals);
    db_result_free(operations->dead);
    buf_free(&operations->cache_info);
    buf_free(&operations->troubles);
}

/* A statement that takes the owner (NULL: it takes none) and a number (0: it takes none). */
static bool run(struct db *db, enum sql_statement statement, const char *owner_id, int64_t number,
                struct db_result **ret_result, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    if (owner_id != NULL) {
        db_param_text(&params, owner_id);
    }
    if (number > 0) {
        db_param_int(&params, number);
    }
    return db_run(db, statement, &params, ret_result, err);
}

static bool read_dead(struct db *db, struct db_result **ret_result, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, OPERATIONS_ROWS);
    db_param_int(&params, 0);
    return db_run(db, SQL_DEAD_EVENTS_LIST, &params, ret_result, err);
}

static bool read_database(struct db *db, const char *owner_id, struct operations *ret, struct error *err) {
    return run(db, SQL_OPERATIONS_QUEUE, NULL, 0, &ret->queue, err) &&
           run(db, SQL_OPERATIONS_THROUGHPUT, NULL, OPERATIONS_MINUTES, &ret->throughput, err) &&
           run(db, SQL_OPERATIONS_WORK, owner_id, OPERATIONS_ROWS, &ret->work, err) &&
           run(db, SQL_OPERATIONS_FAILED, owner_id, OPERATIONS_ROWS, &ret->failed, err) &&
           run(db, SQL_OPERATIONS_TOTALS, owner_id, 0, &ret->totals, err) && read_dead(db, &ret->dead, err);
}

static void note_trouble(struct operations *operations, const char *what, const struct error *err) {
    buf_printf(&operations->troubles, "%s: %s\n", what, error_info(err->code)->title);
}

static void read_queue(struct api *api, struct operations *ret) {
    struct error err = {0};
    struct redis *redis = NULL;
    const char *list = api->config->events_list;
    ret->list_length = ret->workers = -1;
    if (!redis_pool_take(api->queue, REDIS_TIMEOUT_MS, &redis, &err)) {
        note_trouble(ret, "Events and workers", &err);
        return;
    }
    if (!redis_list_length(redis, list, &ret->list_length, &err) ||
        !event_queue_alive(redis, list, ALIVE_S, &ret->workers, &err)) {
        note_trouble(ret, "Events and workers", &err);
    }
    redis_pool_give(api->queue, redis);
}

static void read_cache(struct api *api, struct operations *ret) {
    struct error err = {0};
    struct redis *redis = NULL;
    if (!redis_pool_take(api->cache, REDIS_TIMEOUT_MS, &redis, &err)) {
        note_trouble(ret, "Cache", &err);
        return;
    }
    if (!redis_info(redis, &ret->cache_info, &err)) {
        note_trouble(ret, "Cache", &err);
    }
    redis_pool_give(api->cache, redis);
}

bool operations_read(struct api *api, const char *owner_id, struct operations *ret_operations, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool is_read = read_database(db, owner_id, ret_operations, err);
    db_pool_give(api->database, db);
    if (is_read) {
        read_queue(api, ret_operations);
        read_cache(api, ret_operations);
    }
    return is_read;
}
