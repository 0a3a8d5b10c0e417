#include "common/batch_store.h"

#include "common/xalloc.h"

#include <string.h>

static const char *const state_names[BATCH_STATE_COUNT] = {"none", "receiving", "running", "done"};

const char *batch_state_name(enum batch_state state) {
    return state_names[state];
}

static enum batch_state state_of(const char *name) {
    enum batch_state state = BATCH_NONE;
    for (size_t i = 0; i < BATCH_STATE_COUNT && name != NULL; i++) {
        state = strcmp(state_names[i], name) == 0 ? (enum batch_state)i : state;
    }
    return state;
}

bool batch_state_is_open(enum batch_state state) {
    return state == BATCH_RECEIVING || state == BATCH_RUNNING;
}

bool batch_open(struct db *db, const char *owner_id, const char *album_id, const char *batch_id, int64_t lease_s,
                bool *ret_open, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    struct batch_progress progress; /* only read to tell an album that is taken from one that is not there */
    db_param_text(&params, batch_id);
    db_param_text(&params, owner_id);
    db_param_text(&params, album_id);
    db_param_int(&params, lease_s);
    return db_finds(db, SQL_BATCH_OPEN, &params, ret_open, err) &&
           (*ret_open || batch_progress_read(db, owner_id, album_id, &progress, err));
}

bool batch_extend(struct db *db, const char *batch_id, int64_t lease_s, size_t photos, bool *ret_held,
                  struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, batch_id);
    db_param_int(&params, lease_s);
    db_param_int(&params, (int64_t)photos);
    return db_finds(db, SQL_BATCH_EXTEND, &params, ret_held, err);
}

bool batch_drop(struct db *db, const char *batch_id, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, batch_id);
    return db_execute(db, SQL_BATCH_DROP, &params, err);
}

/* Rows of completed photos are purged in time, and count all the same: completed is what is left of the total. */
static void take_progress(const struct db_result *result, struct batch_progress *progress) {
    *progress = (struct batch_progress){.state = state_of(db_text(result, 0, 1))};
    if (progress->state == BATCH_NONE) {
        return;
    }
    snprintf(progress->batch_id, sizeof progress->batch_id, "%s", db_text(result, 0, 0));
    progress->total = db_int(result, 0, 2);
    progress->pending = db_int(result, 0, 3);
    progress->processing = db_int(result, 0, 4);
    progress->failed = db_int(result, 0, 5);
    progress->completed = progress->total - progress->pending - progress->processing - progress->failed;
}

bool batch_progress_read(struct db *db, const char *owner_id, const char *album_id, struct batch_progress *ret_progress,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, album_id);
    if (!db_run(db, SQL_BATCH_PROGRESS, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_ALBUM_NOT_FOUND, "no album %s", album_id);
    }
    take_progress(result, ret_progress);
    return true;
}

void batch_failures_free(struct batch_failures *failures) {
    for (size_t i = 0; i < failures->count; i++) {
        free(failures->items[i].filename);
        free(failures->items[i].code);
        free(failures->items[i].message);
    }
    free(failures->items);
    *failures = (struct batch_failures){0};
}

void batch_failures_take(const struct db_result *result, struct batch_failures *ret_failures) {
    ret_failures->count = db_rows(result);
    ret_failures->items = xcalloc(ret_failures->count + 1, sizeof *ret_failures->items);
    for (size_t i = 0; i < ret_failures->count; i++) {
        struct batch_failure *failure = &ret_failures->items[i];
        snprintf(failure->file_id, sizeof failure->file_id, "%s", db_text(result, i, 0));
        failure->filename = xstrdup(db_text(result, i, 1));
        failure->code = xstrdup(db_text(result, i, 2));
        failure->message = xstrdup(db_text(result, i, 3));
    }
}

bool batch_failures_read(struct db *db, const char *batch_id, size_t limit, struct batch_failures *ret_failures,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (*batch_id == '\0') {
        return true;
    }
    db_param_text(&params, batch_id);
    db_param_int(&params, (int64_t)limit);
    if (!db_run(db, SQL_BATCH_FAILURES, &params, &result, err)) {
        return false;
    }
    batch_failures_take(result, ret_failures);
    return true;
}
