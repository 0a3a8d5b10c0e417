#include "common/dead_replay.h"

#include "common/encode.h"
#include "common/event_queue.h"

#include <string.h>

/* The bytes of an event, which the database gives in hex. */
static bool read_raw(const char *hex, struct buf *ret_raw) {
    size_t length = hex == NULL ? 0 : strlen(hex) / 2;
    if (hex == NULL || !decode_hex(hex, (unsigned char *)buf_reserve(ret_raw, length + 1), length)) {
        return false;
    }
    ret_raw->length = length;
    ret_raw->data[length] = '\0';
    return true;
}

static bool replay_row(struct db *db, struct redis *redis, const char *list, const struct db_result *rows, size_t row,
                       struct error *err) {
    _cleanup_(buf_free) struct buf raw = {0};
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, db_int(rows, row, 0));
    if (!read_raw(db_text(rows, row, 1), &raw)) {
        return error_set(err, ERROR_DATABASE_ERROR, "event %s has no bytes", db_text(rows, row, 0));
    }
    return event_queue_push(redis, list, buf_text(&raw), raw.length, err) &&
           db_execute(db, SQL_DEAD_EVENT_DROP, &params, err);
}

bool dead_replay(struct db *db, struct redis *redis, const char *list, int64_t first, int64_t last, size_t limit,
                 size_t *ret_count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    db_param_int(&params, first - 1);
    db_param_int(&params, last);
    db_param_int(&params, (int64_t)limit);
    if (!db_run(db, SQL_DEAD_EVENTS_PAGE, &params, &rows, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(rows); row++) {
        if (!replay_row(db, redis, list, rows, row, err)) {
            return false;
        }
    }
    *ret_count = db_rows(rows);
    return true;
}
