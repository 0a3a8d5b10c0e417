/* DELETE /files/{id} and /media/{id}, and of whole albums. */

#include "api/file_removal.h"
#include "api/handlers.h"
#include "api/media_lookup.h"
#include "api/response.h"
#include "common/media_store.h"

enum { ALBUM_BATCH = 100 };

static bool remove_one(struct api *api, struct request *request, struct file_record *record, struct error *err) {
    if (!file_remove(api, &record, 1, err)) {
        return false;
    }
    response_send(request, 204, NULL, NULL, 0);
    return true;
}

bool handle_file_delete(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    return request_file_id(request, file_id, err) && api_get_file(api, request, file_id, &record, err) &&
           remove_one(api, request, record, err);
}

bool handle_media_delete(struct api *api, struct request *request, struct error *err) {
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    return media_lookup(api, request, 0, &record, err) && remove_one(api, request, record, err);
}

/* A batch of the album's media; ret_count 0: there are none left. */
static bool remove_batch(struct api *api, const char *owner_id, const char *album_id, size_t *ret_count,
                         struct error *err) {
    _cleanup_(file_records_free) struct file_records records = {0};
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool listed = file_store_list_album(db, owner_id, album_id, NULL, ALBUM_BATCH, &records, err);
    db_pool_give(api->database, db);
    *ret_count = records.count;
    return listed && file_remove(api, records.items, records.count, err);
}

static bool remove_album(struct api *api, const char *owner_id, const char *album_id, bool *ret_deleted,
                         struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool done = album_delete(db, owner_id, album_id, ret_deleted, err);
    db_pool_give(api->database, db);
    return done;
}

/* Until the album is found empty under its lock: uploads that are asked for meanwhile go with it. */
bool handle_album_delete(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    const char *owner_id = request->principal.owner_id;
    if (!album_id_of(request, album_id, err)) {
        return false;
    }
    bool deleted = false;
    while (!deleted) {
        size_t count = 0;
        if (!remove_album(api, owner_id, album_id, &deleted, err) ||
            (!deleted && !remove_batch(api, owner_id, album_id, &count, err))) {
            return false;
        }
    }
    response_send(request, 204, NULL, NULL, 0);
    return true;
}
