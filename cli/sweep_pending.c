#include "cli/sweep.h"
#include "common/file_state.h"
#include "common/sweep_lock.h"
#include "common/sweep_look.h"

#include <string.h>

enum { PAGE_FILES = 500 };

static bool read_page(struct sweep *sweep, const char *after, struct db_result **ret_page, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, sweep->config->s3_bucket);
    db_param_text(&params, *after != '\0' ? after : NULL);
    db_param_int(&params, sweep->config->sweep_age_s);
    db_param_int(&params, sweep->config->pending_ttl_s);
    db_param_int(&params, PAGE_FILES);
    return db_run(sweep->db, SQL_PENDING_PAGE, &params, ret_page, err);
}

static bool arrive(struct sweep *sweep, const char *file_id, const char *key, const struct s3_object *object,
                   struct error *err) {
    const struct file_arrival arrival = sweep_arrival(sweep->config->s3_bucket, key, object);
    enum file_arrival_effect effect = ARRIVAL_COUNTED;
    if (!sweep->dry_run && !file_state_arrive(sweep->db, &arrival, 1, &effect, err)) {
        return false;
    }
    if (effect == ARRIVAL_COUNTED) {
        sweep->found++;
        printf("found     %s  %s\n", file_id, key);
    }
    return true;
}

static bool expire(struct sweep *sweep, const char *file_id, const char *key, struct error *err) {
    bool is_changed = true;
    if (!sweep->dry_run && !file_state_expire(sweep->db, file_id, &is_changed, err)) {
        return false;
    }
    if (is_changed) {
        sweep->expired++;
        printf("expired   %s  %s\n", file_id, key);
    }
    return true;
}

static bool look_at(struct sweep *sweep, const char *file_id, const char *key, bool is_over, struct error *err) {
    struct s3_object object;
    struct error problem = {0};
    enum sweep_sight sight = SWEEP_UNCLEAR;
    if (!sweep_look(sweep->store, key, is_over, &sight, &object, &problem, err)) {
        return false;
    }
    if (sight == SWEEP_SEEN) {
        return arrive(sweep, file_id, key, &object, err);
    }
    if (sight == SWEEP_MISSING) {
        sweep->waiting += is_over ? 0 : 1;
        return !is_over || expire(sweep, file_id, key, err);
    }
    sweep->unclear++;
    printf("unclear   %s  %s\n", file_id, problem.message);
    return true;
}

/* ret_after: its last file, the next page begins after it. */
static bool sweep_page(struct sweep *sweep, char ret_after[ID_TEXT_SIZE], size_t *ret_rows, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *page = NULL;
    if (!read_page(sweep, ret_after, &page, err)) {
        return false;
    }
    *ret_rows = db_rows(page);
    for (size_t row = 0; row < *ret_rows; row++) {
        snprintf(ret_after, ID_TEXT_SIZE, "%s", db_text(page, row, 0));
        if (!look_at(sweep, ret_after, db_text(page, row, 1), db_bool(page, row, 2), err)) {
            return false;
        }
    }
    return true;
}

bool sweep_pending(struct sweep *sweep, struct error *err) {
    char after[ID_TEXT_SIZE] = "";
    size_t rows = PAGE_FILES;
    bool is_good = true;
    while (rows == PAGE_FILES && is_good) {
        if (!sweep->dry_run && !sweep_lock_take(sweep->db, sweep->lock_timeout_ms, err)) {
            return false;
        }
        is_good = sweep_page(sweep, after, &rows, err);
        if (!sweep->dry_run) {
            sweep_lock_give(sweep->db);
        }
    }
    return is_good;
}
