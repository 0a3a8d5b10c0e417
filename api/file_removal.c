#include "api/file_removal.h"

#include "api/asset_removal.h"
#include "api/content_source.h"
#include "api/media_json.h"
#include "common/asset_key.h"
#include "common/s3_multipart.h"
#include "common/variant_objects.h"
#include "common/xalloc.h"

#include <string.h>

/* Keys that go in one request of the store. */
struct doomed {
    char **keys;
    size_t count;
};

static void doomed_free(struct doomed *doomed) {
    for (size_t i = 0; i < doomed->count; i++) {
        free(doomed->keys[i]);
    }
    free(doomed->keys);
}

static void doom(struct doomed *doomed, const char *key) {
    doomed->keys = xrealloc(doomed->keys, (doomed->count + 1) * sizeof *doomed->keys);
    doomed->keys[doomed->count++] = xstrdup(key);
}

static void doom_staged(struct doomed *doomed, const struct file_record *record) {
    _cleanup_(buf_free) struct buf key = {0};
    if (!file_record_is_in_place(record)) {
        asset_key_staging(&key, record->file_id, record->filename);
        doom(doomed, buf_text(&key));
    }
}

/* The upload id of a multipart upload that may still be open; NULL for other files. */
static bool find_open_upload(struct api *api, const struct file_record *record, char **ret_upload_id,
                             struct error *err) {
    struct db *db = NULL;
    if (strcmp(record->upload_method, "MULTIPART") != 0) {
        return true;
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, record->owner_id);
    db_param_text(&params, record->file_id);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    bool found = db_run(db, SQL_MULTIPART_OF_FILE, &params, &result, err);
    db_pool_give(api->database, db);
    if (found && db_rows(result) == 1) {
        *ret_upload_id = xstrdup(db_text(result, 0, 0));
    }
    return found;
}

static bool abort_parts(struct api *api, struct s3_client *client, const struct file_record *record,
                        struct error *err) {
    _cleanup_(freep) char *upload_id = NULL;
    return find_open_upload(api, record, &upload_id, err) &&
           (upload_id == NULL || s3_multipart_abort(client, record->object_key, upload_id, err));
}

/* A SYNCED file has the variants of its record and no others; of one that was not finished, whatever a worker left is
 * looked for. A worker that is at it right now finds no record in the end, and deletes what it made. */
static bool delete_variants(struct s3_client *client, const struct file_record *record, struct doomed *doomed,
                            struct error *err) {
    if ((record->status & (UPLOADED | SYNCING | FAILED)) != 0) {
        char media_id[MEDIA_ID_SIZE];
        media_id_of_record(record, media_id);
        return variant_objects_delete(client, media_id, err);
    }
    _cleanup_(json_freep) json_t *variants = NULL;
    size_t length = record->variants == NULL ? 0 : strlen(record->variants);
    if (length > 0 && !json_parse(record->variants, length, JSON_MAX_DEPTH, &variants, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(variants); i++) {
        const char *key = json_text(json_array_get(variants, i), "object_key");
        if (key != NULL) {
            doom(doomed, key);
        }
    }
    return true;
}

static bool delete_objects(struct api *api, struct s3_client *client, struct file_record *const *records, size_t count,
                           struct error *err) {
    _cleanup_(doomed_free) struct doomed doomed = {0};
    for (size_t i = 0; i < count; i++) {
        if (!abort_parts(api, client, records[i], err) || !delete_variants(client, records[i], &doomed, err)) {
            return false;
        }
        doom(&doomed, records[i]->object_key);
        doom_staged(&doomed, records[i]);
    }
    return doomed.count == 1 ? s3_client_delete(client, doomed.keys[0], err)
                             : s3_client_delete_many(client, (const char *const *)doomed.keys, doomed.count, err);
}

static bool delete_record(struct api *api, const struct file_record *record, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool changed = false; /* not, when another request deleted it meanwhile: the same to this caller */
    bool deleted = file_state_delete(db, record->owner_id, record->file_id, &changed, err);
    db_pool_give(api->database, db);
    return deleted;
}

bool file_remove_objects(struct api *api, struct file_record *const *records, size_t count, struct error *err) {
    struct s3_client *client = NULL;
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    bool deleted = delete_objects(api, client, records, count, err);
    s3_pool_give(api->store, client);
    return deleted;
}

bool file_remove(struct api *api, struct file_record *const *records, size_t count, struct error *err) {
    struct asset_removal removal;
    if (count == 0) {
        return true;
    }
    if (count == 1 && asset_kind_is_asset(records[0]->kind)) {
        return asset_remove(api, records[0], false, &removal, err);
    }
    bool deleted = file_remove_objects(api, records, count, err);
    for (size_t i = 0; i < count && deleted; i++) {
        content_forget(api, records[i]->file_id);
        deleted = delete_record(api, records[i], err);
    }
    return deleted;
}
