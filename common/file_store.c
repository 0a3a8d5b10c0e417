#include "common/file_store.h"

#include "common/asset_key.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

enum { DRAFT_USUAL_SIZE = 300 }; /* bytes of its parameters */

void file_record_free(struct file_record *record) {
    if (record == NULL) {
        return;
    }
    char *texts[] = {
        record->file_id,         record->kind,       record->owner_id,   record->external_id,   record->filename,
        record->content_type,    record->sha256,     record->bucket,     record->detected_type, record->object_key,
        record->expected_sha256, record->etag,       record->thumbhash,  record->upload_method, record->duplicate_of,
        record->metadata,        record->error_code, record->created_at, record->error_message, record->uploaded_at,
        record->synced_at,       record->expires_at, record->album_id,   record->user_id,       record->generation_id,
        record->variants,        record->tags,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(texts[i]);
    }
    free(record);
}

void file_records_free(struct file_records *records) {
    for (size_t i = 0; i < records->count; i++) {
        file_record_free(records->items[i]);
    }
    free(records->items);
    *records = (struct file_records){0};
}

bool file_record_is_in_place(const struct file_record *record) {
    bool is_batch = record->upload_method != NULL && strcmp(record->upload_method, FILE_METHOD_BATCH) == 0;
    return !is_batch || record->status == SYNCED;
}

const char *file_record_content_id(const struct file_record *record) {
    bool is_shared = asset_kind_is_asset(record->kind) && record->duplicate_of != NULL;
    return is_shared ? record->duplicate_of : record->file_id;
}

struct file_record *file_record_read(const struct db_result *result, size_t row) {
    if (db_is_null(result, row, 1)) {
        return NULL;
    }
    struct file_record *record = xcalloc(1, sizeof *record);
    record->status = file_status_of(db_text(result, row, 8));
    record->expected_size = db_int(result, row, 9);
    record->size = db_int(result, row, 10);
    record->width = db_int(result, row, 20);
    record->height = db_int(result, row, 21);
    record->attempts = db_int(result, row, 24);
    record->generation_index = db_int(result, row, 32);
    const struct {
        char **field;
        size_t column;
    } texts[] = {
        {&record->file_id, 1},        {&record->kind, 2},          {&record->owner_id, 3},
        {&record->external_id, 4},    {&record->filename, 5},      {&record->content_type, 6},
        {&record->detected_type, 7},  {&record->sha256, 11},       {&record->expected_sha256, 12},
        {&record->bucket, 13},        {&record->object_key, 14},   {&record->etag, 15},
        {&record->upload_method, 16}, {&record->duplicate_of, 17}, {&record->thumbhash, 18},
        {&record->metadata, 19},      {&record->error_code, 22},   {&record->error_message, 23},
        {&record->created_at, 25},    {&record->uploaded_at, 26},  {&record->synced_at, 27},
        {&record->expires_at, 28},    {&record->album_id, 29},     {&record->user_id, 30},
        {&record->generation_id, 31}, {&record->variants, 33},     {&record->tags, 34},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].field = xstrdup(db_text(result, row, texts[i].column));
    }
    return record;
}

static bool read_records(struct db *db, enum sql_statement statement, const struct db_params *params,
                         struct file_records *ret_records, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, params, &result, err)) {
        return false;
    }
    ret_records->count = db_rows(result);
    ret_records->items = xcalloc(ret_records->count, sizeof(struct file_record *));
    for (size_t i = 0; i < ret_records->count; i++) {
        ret_records->items[i] = file_record_read(result, i);
    }
    return true;
}

bool file_store_get_many(struct db *db, const char *owner_id, const char *const *file_ids, size_t count,
                         struct file_records *ret_records, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&params, file_ids[i]);
    }
    db_array_end(&params);
    return read_records(db, SQL_FILES_GET, &params, ret_records, err);
}

bool file_store_get(struct db *db, const char *owner_id, const char *file_id, struct file_record **ret_record,
                    struct error *err) {
    _cleanup_(file_records_free) struct file_records records = {0};
    if (!file_store_get_many(db, owner_id, &file_id, 1, &records, err)) {
        return false;
    }
    if (records.count != 1 || records.items[0] == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "no file %s", file_id);
    }
    *ret_record = take_ptr(records.items[0]);
    return true;
}

bool file_store_list(struct db *db, const char *owner_id, const struct file_filter *filter,
                     struct file_records *ret_records, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, filter->status);
    db_param_text(&params, filter->external_id);
    db_param_text(&params, filter->kind);
    db_param_text(&params, filter->before_id);
    db_param_int(&params, (int64_t)filter->limit);
    return read_records(db, SQL_FILES_LIST, &params, ret_records, err);
}

bool file_store_list_album(struct db *db, const char *owner_id, const char *album_id, const char *before_id,
                           size_t limit, struct file_records *ret_records, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, album_id);
    db_param_text(&params, before_id);
    db_param_int(&params, (int64_t)limit);
    return read_records(db, SQL_ALBUM_MEDIA, &params, ret_records, err);
}

bool file_store_get_avatar(struct db *db, const char *owner_id, const char *user_id, struct file_record **ret_record,
                           struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(file_records_free) struct file_records records = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, user_id);
    if (!read_records(db, SQL_USER_AVATAR, &params, &records, err)) {
        return false;
    }
    if (records.count != 1) {
        return error_set(err, ERROR_NOT_FOUND, "no user %s", user_id);
    }
    *ret_record = take_ptr(records.items[0]);
    return true;
}

/* One hash into the open array; NULL and malformed ones become SQL NULL. */
static void add_hash(struct db_params *params, const char *sha256) {
    unsigned char digest[SHA256_SIZE];
    bool known = sha256 != NULL && decode_hex(sha256, digest, sizeof digest);
    db_array_add_bytes(params, known ? digest : NULL, sizeof digest);
}

bool file_store_find_hashes_by(struct db *db, enum sql_statement statement, const char *owner_id,
                               const char *const *sha256s, size_t count, struct file_records *ret_records,
                               struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        add_hash(&params, sha256s[i]);
    }
    db_array_end(&params);
    return read_records(db, statement, &params, ret_records, err);
}

bool file_store_find_hashes(struct db *db, const char *owner_id, const char *const *sha256s, size_t count,
                            struct file_records *ret_records, struct error *err) {
    return file_store_find_hashes_by(db, SQL_FILES_BY_HASH, owner_id, sha256s, count, ret_records, err);
}

/* FILE_INSERT takes a column an array; texts by their place in the struct. */
static void add_draft_texts(struct db_params *params, const struct file_draft *const *drafts, size_t count,
                            size_t offset) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, *(const char *const *)((const char *)drafts[i] + offset));
    }
    db_array_end(params);
}

static void add_draft_sizes(struct db_params *params, const struct file_draft *const *drafts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        if (drafts[i]->expected_size < 0) {
            db_array_add_text(params, NULL);
        } else {
            db_array_add_int(params, drafts[i]->expected_size);
        }
    }
    db_array_end(params);
}

static void add_drafts(struct db_params *params, const struct file_draft *const *drafts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, drafts[i]->file_id);
    }
    db_array_end(params);
    static const size_t texts[] = {offsetof(struct file_draft, kind), offsetof(struct file_draft, owner_id),
                                   offsetof(struct file_draft, external_id), offsetof(struct file_draft, filename),
                                   offsetof(struct file_draft, content_type)};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        add_draft_texts(params, drafts, count, texts[i]);
    }
    add_draft_sizes(params, drafts, count);
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        add_hash(params, drafts[i]->expected_sha256);
    }
    db_array_end(params);
    add_draft_texts(params, drafts, count, offsetof(struct file_draft, object_key));
    add_draft_texts(params, drafts, count, offsetof(struct file_draft, upload_method));
    db_param_text(params, drafts[0]->bucket);
    db_param_int(params, drafts[0]->ttl_s);
    db_param_int(params, drafts[0]->sweep_age_s);
}

static bool insert_by(enum sql_statement statement, struct db *db, const struct file_draft *const *drafts, size_t count,
                      struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    buf_reserve(&params.values, count * DRAFT_USUAL_SIZE);
    add_drafts(&params, drafts, count);
    return db_execute(db, statement, &params, err);
}

bool file_store_insert(struct db *db, const struct file_draft *const *drafts, size_t count, struct error *err) {
    return insert_by(SQL_FILE_INSERT, db, drafts, count, err);
}

bool file_store_insert_missing(struct db *db, const struct file_draft *draft, struct error *err) {
    return insert_by(SQL_FILE_INSERT_MISSING, db, &draft, 1, err);
}
