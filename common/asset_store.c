#include "common/asset_store.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

enum { ASSET_COLUMNS = 2 }; /* after n and SQL_FILE_RECORD: references, score */

bool asset_claim(struct db *db, const struct file_job *job, enum asset_claim *ret_claim, char ret_holder[ID_TEXT_SIZE],
                 struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, job->owner_id);
    db_param_bytes(&params, job->expected_sha256, SHA256_SIZE);
    db_param_text(&params, job->file_id);
    db_param_int(&params, job->queue_id);
    db_param_text(&params, job->lease_token);
    if (!db_run(db, SQL_ASSET_CLAIM, &params, &result, err)) {
        return false;
    }
    *ret_claim = ASSET_BUSY;
    if (db_rows(result) == 0) {
        return true;
    }
    const char *holder = db_text(result, 0, 0);
    if (strcmp(holder, job->file_id) == 0) {
        *ret_claim = ASSET_OWN;
    } else if (file_status_of(db_text(result, 0, 1)) == SYNCED) {
        *ret_claim = ASSET_DUPLICATE;
        snprintf(ret_holder, ID_TEXT_SIZE, "%s", holder);
    }
    return true;
}

/* The arrays of ASSETS_HOLD and ASSETS_FINISH, each filled for one ending. */
static void add_owner(struct db_params *params, const struct asset_ending *ending) {
    db_array_add_text(params, ending->job->owner_id);
}

static void add_hash(struct db_params *params, const struct asset_ending *ending) {
    db_array_add_bytes(params, ending->job->expected_sha256, SHA256_SIZE);
}

static void add_file(struct db_params *params, const struct asset_ending *ending) {
    db_array_add_text(params, ending->job->file_id);
}

static void add_holder(struct db_params *params, const struct asset_ending *ending) {
    db_array_add_text(params, ending->holder);
}

static void add_key(struct db_params *params, const struct asset_ending *ending) {
    db_array_add_text(params, ending->object_key);
}

static void add_column(struct db_params *params, const struct asset_ending *endings, size_t count,
                       void (*add)(struct db_params *, const struct asset_ending *)) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        add(params, &endings[i]);
    }
    db_array_end(params);
}

bool asset_hold(struct db *db, const struct asset_ending *endings, size_t count, bool *ret_stands, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    add_column(&params, endings, count, add_owner);
    add_column(&params, endings, count, add_hash);
    add_column(&params, endings, count, add_file);
    add_column(&params, endings, count, add_holder);
    if (!db_run(db, SQL_ASSETS_HOLD, &params, &result, err)) {
        return false;
    }
    memset(ret_stands, 0, count * sizeof *ret_stands);
    for (size_t row = 0; row < db_rows(result); row++) {
        int64_t place = db_int(result, row, 0);
        if (place >= 1 && (size_t)place <= count) {
            ret_stands[place - 1] = true;
        }
    }
    return true;
}

bool asset_finish(struct db *db, const struct asset_ending *endings, size_t count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_column(&params, endings, count, add_file);
    add_column(&params, endings, count, add_key);
    add_column(&params, endings, count, add_holder);
    return db_execute(db, SQL_ASSETS_FINISH, &params, err);
}

void assets_free(struct assets *assets) {
    for (size_t i = 0; i < assets->count; i++) {
        file_record_free(assets->items[i].record);
        free(assets->items[i].score);
    }
    free(assets->items);
    *assets = (struct assets){0};
}

bool assets_read(struct db *db, enum sql_statement statement, const struct db_params *params, struct assets *ret_assets,
                 struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, params, &result, err)) {
        return false;
    }
    ret_assets->count = db_rows(result);
    ret_assets->items = xcalloc(ret_assets->count + 1, sizeof *ret_assets->items);
    for (size_t i = 0; i < ret_assets->count; i++) {
        size_t first = db_columns(result) - ASSET_COLUMNS;
        ret_assets->items[i] = (struct asset){file_record_read(result, i), db_int(result, i, first),
                                              xstrdup(db_text(result, i, first + 1))};
    }
    return true;
}

bool asset_get(struct db *db, const char *owner_id, const char *file_id, struct assets *ret_assets, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, file_id);
    if (!assets_read(db, SQL_ASSET_GET, &params, ret_assets, err)) {
        return false;
    }
    return ret_assets->count == 1 || error_set(err, ERROR_NOT_FOUND, "there is no such asset");
}

bool asset_find_hashes(struct db *db, const char *owner_id, const char *const *sha256s, size_t count,
                       struct file_records *ret_records, struct error *err) {
    return file_store_find_hashes_by(db, SQL_ASSETS_BY_HASH, owner_id, sha256s, count, ret_records, err);
}

bool asset_references(struct db *db, const char *owner_id, const char *file_id, int64_t *ret_references,
                      struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, file_id);
    if (!db_run(db, SQL_ASSET_REFERENCES, &params, &result, err)) {
        return false;
    }
    *ret_references = db_rows(result) == 0 ? 0 : db_int(result, 0, 0);
    return true;
}

/* How a file stands once its content and its work are locked. */
struct standing {
    enum file_status status; /* GONE: there is no such file */
    bool is_locked;          /* it has its content, and that is locked */
    bool has_content;
    bool is_duplicate;
    char other[ID_TEXT_SIZE]; /* its newest duplicate; "": none */
};

static bool read_standing(struct db *db, const char *owner_id, const char *file_id, struct standing *ret_standing,
                          struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, file_id);
    if (!db_run(db, SQL_ASSET_STANDING, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        ret_standing->status = GONE;
        return true;
    }
    const char *other = db_text(result, 0, 2);
    ret_standing->status = file_status_of(db_text(result, 0, 0));
    ret_standing->has_content = db_bool(result, 0, 1);
    ret_standing->is_duplicate = !db_is_null(result, 0, 3);
    snprintf(ret_standing->other, sizeof ret_standing->other, "%s", other == NULL ? "" : other);
    return true;
}

/* Content, work, file: workers lock in this order, too. */
static bool lock(struct db *db, const char *owner_id, const char *file_id, struct standing *ret_standing,
                 struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *content = NULL;
    *ret_standing = (struct standing){0};
    db_param_text(&params, file_id);
    if (!db_run(db, SQL_ASSET_LOCK, &params, &content, err) || !db_execute(db, SQL_QUEUE_DELETE, &params, err)) {
        return false;
    }
    ret_standing->is_locked = db_rows(content) == 1;
    return read_standing(db, owner_id, file_id, ret_standing, err);
}

static bool drop(struct db *db, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                 struct error *err) {
    bool is_changed = false;
    *ret_release = ASSET_DROPPED;
    return file_state_delete_within(db, owner_id, file_id, &is_changed, err) &&
           (is_changed || error_set(err, ERROR_DATABASE_CONFLICT, "the asset changed while it was deleted"));
}

static bool let_go(struct db *db, const char *file_id, enum asset_release *ret_release, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, file_id);
    *ret_release = ASSET_LET_GO;
    return db_execute(db, SQL_ASSET_LET_GO, &params, err);
}

/* Within the transaction. ret_again: the file got its content, or finished, after the locks were taken. */
static bool release(struct db *db, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                    char ret_other[ID_TEXT_SIZE], bool *ret_again, struct error *err) {
    struct standing standing;
    if (!lock(db, owner_id, file_id, &standing, err)) {
        return false;
    }
    *ret_again = standing.has_content && !standing.is_locked;
    if (*ret_again) {
        return true;
    }
    if (standing.status == GONE) {
        *ret_release = ASSET_GONE;
        return true;
    }
    if (standing.other[0] != '\0') {
        *ret_release = ASSET_HAS_OTHER;
        memcpy(ret_other, standing.other, ID_TEXT_SIZE);
        return true;
    }
    return standing.status == SYNCED && !standing.is_duplicate ? let_go(db, file_id, ret_release, err)
                                                               : drop(db, owner_id, file_id, ret_release, err);
}

static bool release_once(struct db *db, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                         char ret_other[ID_TEXT_SIZE], bool *ret_again, struct error *err) {
    *ret_again = false;
    if (!db_begin(db, err)) {
        return false;
    }
    bool is_good = release(db, owner_id, file_id, ret_release, ret_other, ret_again, err);
    if (!is_good || *ret_again || *ret_release == ASSET_GONE || *ret_release == ASSET_HAS_OTHER) {
        db_rollback(db);
        return is_good;
    }
    return db_commit(db, err);
}

bool asset_release(struct db *db, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                   char ret_other[ID_TEXT_SIZE], struct error *err) {
    enum { TRIES = 10 };
    for (int tries = 0; tries < TRIES; tries++) {
        bool again = false;
        struct error local = {0};
        bool is_good = release_once(db, owner_id, file_id, ret_release, ret_other, &again, &local);
        if (is_good && !again) {
            return true;
        }
        if (!is_good && local.code != ERROR_DATABASE_CONFLICT) {
            *err = local;
            return false;
        }
    }
    return error_set(err, ERROR_DATABASE_CONFLICT, "the asset changed again and again while it was deleted");
}
