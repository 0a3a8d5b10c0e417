#include "common/sweep_lock.h"

#include "common/clock.h"

enum { PAUSE_MS = 200 };

bool sweep_lock_try(struct db *db, bool *ret_locked, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_SWEEP_LOCK, NULL, &result, err)) {
        return false;
    }
    *ret_locked = db_bool(result, 0, 0);
    return true;
}

bool sweep_lock_take(struct db *db, int64_t timeout_ms, struct error *err) {
    int64_t end_ms = clock_monotonic_ms() + timeout_ms;
    for (;;) {
        bool is_locked = false;
        if (!sweep_lock_try(db, &is_locked, err)) {
            return false;
        }
        if (is_locked) {
            return true;
        }
        if (clock_monotonic_ms() >= end_ms) {
            return error_set(err, ERROR_CONFLICT, "another sweep is under way: try again when it is over");
        }
        clock_sleep_ms(PAUSE_MS);
    }
}

void sweep_lock_give(struct db *db) {
    struct error ignored;
    (void)!db_execute(db, SQL_SWEEP_UNLOCK, NULL, &ignored);
}
