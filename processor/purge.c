#include "processor/purge.h"

#include "common/daemon.h"
#include "common/log.h"

enum { ROWS_AT_ONCE = 1000, QUEUE_TTL_S = 7 * 86400, TOKEN_TTL_S = 7 * 86400 };

static bool purge_some(struct db *db, enum sql_statement statement, int64_t age_s, size_t *ret_rows,
                       struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, ROWS_AT_ONCE);
    db_param_int(&params, age_s);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, &params, &result, err)) {
        return false;
    }
    *ret_rows = db_rows(result);
    return true;
}

static bool purge_all(struct db *db, enum sql_statement statement, int64_t age_s, size_t *ret_rows, struct error *err) {
    size_t rows = ROWS_AT_ONCE;
    *ret_rows = 0;
    while (rows == ROWS_AT_ONCE && !daemon_stopping()) {
        if (!purge_some(db, statement, age_s, &rows, err)) {
            return false;
        }
        *ret_rows += rows;
    }
    return true;
}

bool purge_run(const struct config *config, struct db *db, struct error *err) {
    size_t rows = 0;
    if (!purge_all(db, SQL_PURGE_QUEUE, QUEUE_TTL_S, &rows, err) ||
        !purge_all(db, SQL_PURGE_OUTBOX, config->outbox_ttl_s, &rows, err) ||
        !purge_all(db, SQL_PURGE_WEBHOOK_DELIVERIES, config->webhook_log_ttl_s, &rows, err) ||
        !purge_all(db, SQL_PURGE_IDEMPOTENCY_KEYS, 0, &rows, err) ||
        !purge_all(db, SQL_PURGE_MULTIPART_UPLOADS, config->pending_ttl_s, &rows, err) ||
        !purge_all(db, SQL_USAGE_FOLD_ALL, 0, &rows, err) ||
        !purge_all(db, SQL_PURGE_UPLOAD_TOKENS, TOKEN_TTL_S, &rows, err) ||
        !purge_all(db, SQL_PURGE_DEAD_EVENTS, config->dead_event_ttl_s, &rows, err)) {
        return false;
    }
    if (rows > 0) { /* nothing is dropped in silence */
        log_warn("dead_events_purged", log_int("events", (int64_t)rows));
    }
    return true;
}
