#include "api/asset_removal.h"

#include "api/content_source.h"
#include "api/file_removal.h"
#include "common/asset_key.h"
#include "common/asset_store.h"
#include "common/variant_objects.h"

#include <string.h>

static bool release(struct api *api, const char *owner_id, const char *file_id, enum asset_release *ret_release,
                    char ret_other[ID_TEXT_SIZE], struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool is_good = asset_release(db, owner_id, file_id, ret_release, ret_other, err);
    db_pool_give(api->database, db);
    return is_good;
}

/* Of a file whose record is gone already: wherever its object was, and what a worker had made of it. A worker that is at it
 * right now removes what it makes from now on. */
static bool remove_leftovers(struct api *api, const struct file_record *record, struct error *err) {
    struct s3_client *client = NULL;
    _cleanup_(buf_free) struct buf staged = {0};
    _cleanup_(buf_free) struct buf key = {0};
    if (record->status == SYNCED) { /* a duplicate has nothing of its own */
        return true;
    }
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    asset_key_staging(&staged, record->file_id, record->filename);
    asset_key(&key, record->file_id, record->filename);
    const char *const keys[] = {record->object_key, buf_text(&staged), buf_text(&key)};
    bool is_good = s3_client_delete_many(client, keys, sizeof keys / sizeof keys[0], err) &&
                   variant_objects_delete(client, record->file_id, err);
    s3_pool_give(api->store, client);
    content_forget(api, record->file_id);
    return is_good;
}

/* Objects first: a record without them can be deleted again. */
static bool remove_ready(struct api *api, const char *owner_id, const char *file_id, struct error *err) {
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    struct db *db = NULL;
    struct error problem = {0};
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = file_store_get(db, owner_id, file_id, &record, &problem);
    db_pool_give(api->database, db);
    if (!found) { /* another request deleted it meanwhile: the same to this caller */
        *err = problem;
        return problem.code == ERROR_NOT_FOUND;
    }
    if (!file_remove_objects(api, &record, 1, err)) {
        return false;
    }
    content_forget(api, file_id);
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool is_changed = false;
    bool is_good = file_state_delete(db, owner_id, file_id, &is_changed, err);
    db_pool_give(api->database, db);
    return is_good;
}

/* The asset itself, or one duplicate of it. ret_again: what stood in the way is gone, or more is to go. */
static bool remove_one(struct api *api, const struct file_record *record, const char *target, bool all, bool *ret_again,
                       struct error *err) {
    char other[ID_TEXT_SIZE];
    enum asset_release result = ASSET_GONE;
    *ret_again = false;
    if (!release(api, record->owner_id, target, &result, other, err)) {
        return false;
    }
    if (result == ASSET_HAS_OTHER) {
        char nobody[ID_TEXT_SIZE];
        if (!release(api, record->owner_id, other, &result, nobody, err)) {
            return false;
        }
        *ret_again = all || result != ASSET_DROPPED;
        return true;
    }
    if (result == ASSET_LET_GO) {
        return remove_ready(api, record->owner_id, target, err);
    }
    return result != ASSET_DROPPED || strcmp(target, record->file_id) != 0 || remove_leftovers(api, record, err);
}

static bool count_references(struct api *api, const char *owner_id, struct asset_removal *removal, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool is_good = asset_references(db, owner_id, removal->asset_id, &removal->references, err);
    db_pool_give(api->database, db);
    return is_good;
}

bool asset_remove(struct api *api, const struct file_record *record, bool all, struct asset_removal *ret_removal,
                  struct error *err) {
    const char *asset_id = file_record_content_id(record);
    bool again = true;
    *ret_removal = (struct asset_removal){0};
    snprintf(ret_removal->asset_id, sizeof ret_removal->asset_id, "%s", asset_id);
    while (again) {
        if (!remove_one(api, record, all ? asset_id : record->file_id, all, &again, err)) {
            return false;
        }
    }
    return count_references(api, record->owner_id, ret_removal, err);
}
