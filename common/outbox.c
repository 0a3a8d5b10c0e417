#include "common/outbox.h"

#include "common/xalloc.h"

/* What OUTBOX_READ has after the record. */
enum { CHANGE_FILE, CHANGE_OWNER, CHANGE_ALBUM, CHANGE_KEY, CHANGE_AGE, CHANGE_SNAPSHOT, CHANGE_COLUMNS };

void outbox_changes_free(struct outbox_changes *changes) {
    for (size_t i = 0; i < changes->count; i++) {
        file_record_free(changes->items[i].record);
        free(changes->items[i].file_id);
        free(changes->items[i].owner_id);
        free(changes->items[i].album_id);
        free(changes->items[i].object_key);
    }
    free(changes->items);
    free(changes->before);
    free(changes->seen);
    *changes = (struct outbox_changes){0};
}

static void add_words(struct db_params *params, const struct outbox_words *words) {
    db_array_start(params);
    for (size_t i = 0; i < words->count; i++) {
        db_array_add_text(params, words->items[i]);
    }
    db_array_end(params);
}

static void read_changes(const struct db_result *result, struct outbox_changes *changes) {
    size_t first = db_columns(result) - CHANGE_COLUMNS;
    changes->seen = xstrdup(db_text(result, 0, first + CHANGE_SNAPSHOT));
    changes->items = xcalloc(db_rows(result), sizeof *changes->items);
    for (size_t row = 0; row < db_rows(result) && !db_is_null(result, row, 0); row++) {
        changes->items[changes->count++] = (struct outbox_change){
            .id = db_int(result, row, 0),
            .record = file_record_read(result, row),
            .file_id = xstrdup(db_text(result, row, first + CHANGE_FILE)),
            .owner_id = xstrdup(db_text(result, row, first + CHANGE_OWNER)),
            .album_id = xstrdup(db_text(result, row, first + CHANGE_ALBUM)),
            .object_key = xstrdup(db_text(result, row, first + CHANGE_KEY)),
            .age_us = db_int(result, row, first + CHANGE_AGE),
        };
    }
}

bool outbox_read(struct db *db, const struct outbox_position *position, const struct outbox_audience *audience,
                 size_t limit, struct outbox_changes *ret_changes, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    const char *from = position->before == NULL ? position->seen : position->before;
    db_param_text(&params, from);
    db_param_text(&params, position->before == NULL ? NULL : position->seen);
    db_param_int(&params, position->id);
    add_words(&params, &audience->owners);
    add_words(&params, &audience->files);
    add_words(&params, &audience->albums);
    add_words(&params, &audience->everything);
    db_param_int(&params, (int64_t)limit);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_OUTBOX_READ, &params, &result, err)) {
        return false;
    }
    *ret_changes = (struct outbox_changes){.before = xstrdup(from)};
    read_changes(result, ret_changes);
    ret_changes->is_whole = ret_changes->count < limit;
    return true;
}

struct outbox_position outbox_position_after(const struct outbox_changes *changes, size_t index) {
    bool is_end = changes->is_whole && index + 1 == changes->count;
    return (struct outbox_position){
        .id = changes->items[index].id, .seen = changes->seen, .before = is_end ? NULL : changes->before};
}

void outbox_position_move(struct outbox_position *position, const struct outbox_changes *changes) {
    struct outbox_position next = {
        .id = changes->count > 0 ? changes->items[changes->count - 1].id : position->id,
        .seen = xstrdup(changes->seen),
        .before = changes->is_whole ? NULL : xstrdup(changes->before),
    };
    outbox_position_free(position);
    *position = next;
}

static void read_position(const struct db_result *result, size_t column, struct outbox_position *ret_position) {
    *ret_position = (struct outbox_position){
        .seen = xstrdup(db_text(result, 0, column)),
        .id = db_int(result, 0, column + 1),
    };
}

bool outbox_now(struct db *db, struct outbox_position *ret_position, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_OUTBOX_NOW, NULL, &result, err)) {
        return false;
    }
    read_position(result, 0, ret_position);
    return true;
}

bool outbox_get_file(struct db *db, const char *owner_id, const char *file_id, struct file_record **ret_record,
                     struct outbox_position *ret_position, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, file_id);
    if (!db_run(db, SQL_OUTBOX_FILE, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) != 1) {
        return error_set(err, ERROR_NOT_FOUND, "no file %s", file_id);
    }
    *ret_record = file_record_read(result, 0);
    read_position(result, db_columns(result) - 2, ret_position);
    return true;
}

bool outbox_reaches_back(struct db *db, const struct outbox_position *position, bool *ret_reaches, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, position->seen);
    db_param_text(&params, position->before == NULL ? position->seen : position->before);
    db_param_int(&params, position->id);
    if (!db_run(db, SQL_OUTBOX_REACHES_BACK, &params, &result, err)) {
        return false;
    }
    *ret_reaches = db_bool(result, 0, 0);
    return true;
}
