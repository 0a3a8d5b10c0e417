#include "common/usage_store.h"

#include "common/clock.h"

#include <inttypes.h>

enum { WRITERS_POLL_MS = 10, WRITERS_TIMEOUT_MS = 8000 };

bool usage_find_limits(struct db *db, const char *owner_id, struct usage_limits *ret_limits, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    if (!db_run(db, SQL_OWNER_LIMITS, &params, &result, err)) {
        return false;
    }
    bool is_known = db_rows(result) == 1;
    ret_limits->max_bytes = is_known ? db_int(result, 0, 0) : -1;
    ret_limits->max_pending = is_known ? db_int(result, 0, 1) : -1;
    return true;
}

static bool find_started(struct db *db, const char *owner_id, bool *ret_is_counted, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    if (!db_run(db, SQL_USAGE_STARTED, &params, &result, err)) {
        return false;
    }
    *ret_is_counted = db_rows(result) == 1;
    return true;
}

static bool find_usage(struct db *db, const char *owner_id, bool *ret_is_counted, struct usage *ret_usage,
                       struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    if (!db_run(db, SQL_USAGE_GET, &params, &result, err)) {
        return false;
    }
    *ret_is_counted = db_rows(result) == 1;
    if (*ret_is_counted) {
        *ret_usage = (struct usage){db_int(result, 0, 0), db_int(result, 0, 1)};
    }
    return true;
}

bool usage_get(struct db *db, const char *owner_id, struct usage *ret_usage, struct error *err) {
    bool is_counted = false;
    return find_usage(db, owner_id, &is_counted, ret_usage, err) &&
           (is_counted || error_set(err, ERROR_NOT_FOUND, "the owner's usage is not counted"));
}

/* Transactions that began before all could know of the owner's start. */
static bool wait_for_writers(struct db *db, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *writers = NULL;
    if (!db_run(db, SQL_USAGE_WRITERS, NULL, &writers, err)) {
        return false;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, db_text(writers, 0, 0));
    int64_t end_ms = clock_monotonic_ms() + WRITERS_TIMEOUT_MS;
    while (clock_monotonic_ms() < end_ms) {
        _cleanup_(db_result_freep) struct db_result *left = NULL;
        if (!db_run(db, SQL_USAGE_WRITERS_LEFT, &params, &left, err)) {
            return false;
        }
        if (db_int(left, 0, 0) == 0) {
            return true;
        }
        clock_sleep_ms(WRITERS_POLL_MS);
    }
    return error_set(err, ERROR_DATABASE_CONFLICT, "a transaction that writes files does not end");
}

/* Within a transaction: holds the owner's row. ret_is_counted false also when there is none. */
static bool lock(struct db *db, const char *owner_id, bool *ret_is_counted, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    if (!db_run(db, SQL_USAGE_LOCK, &params, &result, err)) {
        return false;
    }
    *ret_is_counted = db_rows(result) == 1 && db_bool(result, 0, 0);
    return true;
}

/* Within a transaction; `again` false: only if nobody else has counted meanwhile. */
static bool count(struct db *db, const char *owner_id, bool again, struct usage *ret_before, struct error *err) {
    bool is_counted = false;
    bool was_counted = false;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    return lock(db, owner_id, &is_counted, err) && find_usage(db, owner_id, &was_counted, ret_before, err) &&
           ((is_counted && !again) || db_execute(db, SQL_USAGE_COUNT, &params, err));
}

static bool count_alone(struct db *db, const char *owner_id, bool again, struct usage *ret_before, struct error *err) {
    if (!db_begin(db, err)) {
        return false;
    }
    if (!count(db, owner_id, again, ret_before, err)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

bool usage_start(struct db *db, const char *owner_id, struct error *err) {
    bool is_counted = false;
    struct usage usage = {0};
    if (!find_started(db, owner_id, &is_counted, err) || is_counted) {
        return is_counted;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    return db_execute(db, SQL_USAGE_START, &params, err) && wait_for_writers(db, err) &&
           count_alone(db, owner_id, false, &usage, err);
}

bool usage_recount(struct db *db, const char *owner_id, struct usage *ret_before, struct usage *ret_usage,
                   struct error *err) {
    return count_alone(db, owner_id, true, ret_before, err) && usage_get(db, owner_id, ret_usage, err);
}

static bool above_bytes(const struct usage_limits *limits, struct error *err) {
    return error_set(err, ERROR_QUOTA_BYTES_EXCEEDED, "the files of the owner may take %" PRId64 " bytes together",
                     limits->max_bytes);
}

/* What files are now above, in words. */
static bool compare(const struct usage *usage, const struct usage_limits *limits, struct error *err) {
    if (limits->max_pending > 0 && usage->pending > limits->max_pending) {
        return error_set(err, ERROR_QUOTA_PENDING_EXCEEDED, "%" PRId64 " uploads of the owner may wait at once",
                         limits->max_pending);
    }
    return limits->max_bytes == 0 || usage->bytes <= limits->max_bytes || above_bytes(limits, err);
}

static bool reserve(struct db *db, const struct usage_admission *admission, struct error *err) {
    if (admission->count == 0) {
        return true;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    for (size_t i = 0; i < admission->count; i++) {
        db_array_add_text(&params, admission->file_ids[i]);
    }
    db_array_end(&params);
    db_param_int(&params, admission->undeclared_bytes);
    return db_execute(db, SQL_USAGE_RESERVE, &params, err);
}

static bool fold(struct db *db, const struct usage_admission *admission, struct usage *ret_usage, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, admission->owner_id);
    db_param_int(&params, admission->limits.max_pending + 1);
    if (!db_run(db, SQL_USAGE_FOLD, &params, &result, err)) {
        return false;
    }
    *ret_usage = (struct usage){db_int(result, 0, 0), db_int(result, 0, 1)};
    return true;
}

static bool admit(struct db *db, const struct usage_admission *admission, struct error *err) {
    bool is_counted = false;
    struct usage usage;
    if (!lock(db, admission->owner_id, &is_counted, err)) {
        return false;
    }
    if (!is_counted) {
        return error_set(err, ERROR_DATABASE_CONFLICT, "the owner's usage is not counted");
    }
    return reserve(db, admission, err) && fold(db, admission, &usage, err) && compare(&usage, &admission->limits, err);
}

bool usage_admit(struct db *db, const struct usage_admission *admission, struct error *err) {
    bool is_admitted = admit(db, admission, err);
    if (!is_admitted) {
        db_rollback(db);
    }
    return is_admitted;
}

bool usage_check(struct db *db, const char *owner_id, const struct usage_limits *limits, int64_t bytes,
                 struct error *err) {
    struct usage usage = {0};
    if (!usage_get(db, owner_id, &usage, err)) {
        return false;
    }
    return limits->max_bytes == 0 || usage.bytes <= limits->max_bytes - bytes || above_bytes(limits, err);
}
