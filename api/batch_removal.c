#include "api/batch_removal.h"

#include "api/content_source.h"
#include "common/asset_key.h"
#include "common/batch_failed.h"
#include "common/log.h"
#include "common/media_key.h"
#include "common/variant_objects.h"

static bool clear_records(struct api *api, const char *owner_id, const char *album_id,
                          struct batch_failures *ret_removed, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool is_cleared = batch_clear(db, owner_id, album_id, ret_removed, err);
    db_pool_give(api->database, db);
    return is_cleared;
}

/* The staged object, and what a worker that died may have made of it. */
static bool remove_objects(struct s3_client *client, const char *album_id, const struct batch_failure *removed,
                           struct error *err) {
    _cleanup_(buf_free) struct buf staged = {0};
    _cleanup_(buf_free) struct buf key = {0};
    asset_key_staging(&staged, removed->file_id, removed->filename);
    media_key_album(&key, album_id, removed->file_id, removed->filename);
    const char *const keys[] = {buf_text(&staged), buf_text(&key)};
    return s3_client_delete_many(client, keys, sizeof keys / sizeof keys[0], err) &&
           variant_objects_delete(client, removed->file_id, err);
}

bool batch_remove_failed(struct api *api, const char *owner_id, const char *album_id, struct error *err) {
    _cleanup_(batch_failures_free) struct batch_failures removed = {0};
    struct s3_client *client = NULL;
    struct error problem = {0};
    if (!clear_records(api, owner_id, album_id, &removed, err)) {
        return false;
    }
    bool is_good = removed.count == 0 || s3_pool_take(api->store, &client, &problem);
    for (size_t i = 0; i < removed.count; i++) {
        is_good = is_good && remove_objects(client, album_id, &removed.items[i], &problem);
        content_forget(api, removed.items[i].file_id);
    }
    if (client != NULL) {
        s3_pool_give(api->store, client);
    }
    if (!is_good) { /* what the caller wanted is done */
        log_warn("objects_left_behind", log_int("files", (int64_t)removed.count), log_code(&problem),
                 log_message(&problem));
    }
    return true;
}
