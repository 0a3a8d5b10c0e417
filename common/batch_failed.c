#include "common/batch_failed.h"

#include "common/file_state.h"

/* Within a transaction that holds the album: no other batch begins meanwhile, and none of these photos is changed. */
static bool lock_failed(struct db *db, const char *owner_id, const char *album_id, struct batch_progress *ret_progress,
                        struct batch_failures *ret_failures, struct error *err) {
    _cleanup_(db_params_free) struct db_params album = {0};
    _cleanup_(db_params_free) struct db_params batch = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&album, owner_id);
    db_param_text(&album, album_id);
    if (!db_execute(db, SQL_ALBUM_LOCK, &album, err) ||
        !batch_progress_read(db, owner_id, album_id, ret_progress, err)) {
        return false;
    }
    if (batch_state_is_open(ret_progress->state)) {
        return error_set(err, ERROR_BATCH_RUNNING,
                         "the batch is under way; its failures can be seen to when it is done");
    }
    if (ret_progress->state == BATCH_NONE) {
        return true;
    }
    db_param_text(&batch, ret_progress->batch_id);
    if (!db_run(db, SQL_BATCH_FAILED_LOCK, &batch, &result, err)) {
        return false;
    }
    batch_failures_take(result, ret_failures);
    return true;
}

static bool retry_all(struct db *db, const char *owner_id, const char *batch_id, const struct batch_failures *failures,
                      struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    for (size_t i = 0; i < failures->count; i++) {
        bool is_changed = false;
        if (!file_state_retry(db, owner_id, failures->items[i].file_id, &is_changed, err)) {
            return false;
        }
    }
    db_param_text(&params, batch_id);
    return failures->count == 0 ||
           (db_execute(db, SQL_BATCH_REOPEN, &params, err) && db_execute(db, SQL_BATCH_GO_ON, &params, err));
}

bool batch_retry(struct db *db, const char *owner_id, const char *album_id, size_t *ret_count, struct error *err) {
    _cleanup_(batch_failures_free) struct batch_failures failures = {0};
    struct batch_progress progress;
    if (!db_begin(db, err)) {
        return false;
    }
    if (!lock_failed(db, owner_id, album_id, &progress, &failures, err) ||
        !retry_all(db, owner_id, progress.batch_id, &failures, err)) {
        db_rollback(db);
        return false;
    }
    *ret_count = failures.count;
    return db_commit(db, err);
}

static bool delete_all(struct db *db, const char *owner_id, const struct batch_failures *failures, struct error *err) {
    for (size_t i = 0; i < failures->count; i++) {
        bool is_changed = false;
        if (!file_state_delete_within(db, owner_id, failures->items[i].file_id, &is_changed, err)) {
            return false;
        }
    }
    return true;
}

bool batch_clear(struct db *db, const char *owner_id, const char *album_id, struct batch_failures *ret_removed,
                 struct error *err) {
    _cleanup_(batch_failures_free) struct batch_failures failures = {0};
    struct batch_progress progress;
    if (!db_begin(db, err)) {
        return false;
    }
    if (!lock_failed(db, owner_id, album_id, &progress, &failures, err) || !delete_all(db, owner_id, &failures, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err)) {
        return false;
    }
    *ret_removed = failures;
    failures = (struct batch_failures){0};
    return true;
}
