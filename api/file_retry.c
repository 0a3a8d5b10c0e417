#include "api/file_retry.h"

#include "api/media_json.h"
#include "api/media_upload.h"
#include "api/response.h"
#include "api/upload_ticket.h"
#include "common/clock.h"

#include <string.h>

static void file_ticket(const struct api *api, const struct file_record *record, enum upload_method method,
                        struct buf *out) {
    const struct upload_terms terms = {
        .file_id = record->file_id,
        .object_key = record->object_key,
        .content_type = record->content_type,
        .size = record->expected_size,
        .sha256 = record->expected_sha256,
        .method = method,
    };
    upload_ticket_json(api, &terms, PENDING, clock_now_ms(), out);
}

/* A new signature for the same key, as the file was first asked for. */
static bool renew(struct api *api, struct request *request, const struct file_record *record, struct error *err) {
    bool is_put = strcmp(record->upload_method, "PUT") == 0;
    if (!is_put && strcmp(record->upload_method, "POST") != 0) {
        return error_set(err, ERROR_CONFLICT,
                         "this file is not uploaded in one request; its parts are signed one by one");
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool changed = false;
    bool renewed = file_state_renew(db, record->owner_id, record->file_id, api->config->presign_ttl_s, &changed, err);
    db_pool_give(api->database, db);
    if (!renewed) {
        return false;
    }
    if (!changed) {
        return error_set(err, ERROR_CONFLICT, "the file no longer waits for an upload");
    }
    _cleanup_(buf_free) struct buf json = {0};
    if (media_kind_is_media(record->kind)) {
        media_upload_ticket(api, record, &json);
    } else {
        file_ticket(api, record, is_put ? UPLOAD_PUT : UPLOAD_POST, &json);
    }
    response_json(request, 200, &json);
    return true;
}

static bool reprocess(struct api *api, struct request *request, const char *file_id, bool is_media, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool changed = false;
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    const char *owner_id = request->principal.owner_id;
    bool done =
        file_state_retry(db, owner_id, file_id, &changed, err) && file_store_get(db, owner_id, file_id, &record, err);
    db_pool_give(api->database, db);
    if (!done) {
        return false;
    }
    if (!changed) {
        return error_set(err, ERROR_CONFLICT, "the file is %s; only FAILED ones are processed again",
                         file_status_name(record->status));
    }
    api_wake_workers(api);
    _cleanup_(buf_free) struct buf json = {0};
    (is_media ? media_json : file_json)(api, record, clock_now_ms(), &json);
    response_json(request, 200, &json);
    return true;
}

bool file_retry(struct api *api, struct request *request, const struct file_record *record, struct error *err) {
    bool waits = record->status == PENDING || record->status == EXPIRED;
    return waits ? renew(api, request, record, err)
                 : reprocess(api, request, record->file_id, media_kind_is_media(record->kind), err);
}
