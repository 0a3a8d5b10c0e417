#include "api/file_retry.h"

#include "api/media_json.h"
#include "api/media_upload.h"
#include "api/quota.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "api/upload_ticket.h"
#include "common/clock.h"

#include <string.h>

static void file_ticket(const struct api *api, const struct file_record *record, enum upload_method method,
                        int64_t max_bytes, struct buf *out) {
    const struct upload_terms terms = {
        .file_id = record->file_id,
        .object_key = record->object_key,
        .content_type = record->content_type,
        .size = record->expected_size,
        .sha256 = record->expected_sha256,
        .method = method,
        .limit = max_bytes,
    };
    upload_ticket_json(api, &terms, PENDING, clock_now_ms(), out);
}

/* What has expired counts anew; what is PENDING counts already, whatever the quota is now. */
static bool renew_record(const struct api *api, struct db *db, const struct request *request,
                         const struct file_record *record, int64_t max_bytes, bool *ret_changed, struct error *err) {
    const char *file_id = record->file_id;
    const struct principal *principal = &request->principal;
    int64_t ttl_s = api->config->presign_ttl_s;
    if (record->status == PENDING || !quota_applies(principal)) {
        return file_state_renew(db, record->owner_id, file_id, ttl_s, ret_changed, err);
    }
    if (!quota_prepare(db, principal, err) || !db_begin(db, err) ||
        !file_state_renew(db, record->owner_id, file_id, ttl_s, ret_changed, err)) {
        return false;
    }
    if (!*ret_changed) {
        db_rollback(db);
        return true;
    }
    return quota_admit(db, principal, &file_id, 1, max_bytes, err) && db_commit(db, err);
}

/* A new signature for the same key, as the file was first asked for; what was begun in parts may come in one request now. */
static bool renew(struct api *api, struct request *request, const struct file_record *record, struct error *err) {
    bool is_form = strcmp(record->upload_method, "POST") == 0;
    if (!is_form && strcmp(record->upload_method, "PUT") != 0 && strcmp(record->upload_method, "MULTIPART") != 0) {
        return error_set(err, ERROR_CONFLICT, "this file was not uploaded by a signed URL: upload it again");
    }
    if (record->expected_size > UPLOAD_SINGLE_MAX_BYTES) {
        return error_set(err, ERROR_CONFLICT, "a file of this size is uploaded in parts, which are signed one by one");
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool changed = false;
    int64_t max_bytes = upload_limits_of(api, request, record->kind).max_bytes;
    max_bytes = kind_policy_smaller(max_bytes, UPLOAD_SINGLE_MAX_BYTES);
    bool renewed = renew_record(api, db, request, record, max_bytes, &changed, err);
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
        file_ticket(api, record, is_form ? UPLOAD_POST : UPLOAD_PUT, max_bytes, &json);
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
