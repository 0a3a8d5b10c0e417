/* Multipart uploads driven by the client, in the words of Uppy's Companion (routes of @uppy/aws-s3). */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/multipart_parts.h"
#include "api/quota.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "api/upload_ticket.h"
#include "common/clock.h"
#include "common/encode.h"
#include "common/s3_multipart.h"

#include <string.h>

/* An upload of the request's owner, as path and query name it. */
struct upload {
    const char *upload_id;
    char *key; /* of the query */
    struct file_record *record;
};

static void upload_free(struct upload *upload) {
    free(upload->key);
    file_record_free(upload->record);
}

/* The draft of a new file, and what it points to. */
struct plan {
    const struct principal *principal;
    struct upload_limits limits;
    struct upload_request wish;
    struct buf key;
    struct file_draft draft;
};

static void plan_free(struct plan *plan) {
    buf_free(&plan->key);
}

/* Record and upload id in one transaction. */
static bool insert_in(struct db *db, const struct plan *plan, const char *upload_id, struct error *err) {
    const struct file_draft *draft = &plan->draft;
    const char *file_id = draft->file_id;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, file_id);
    db_param_text(&params, upload_id);
    return quota_prepare(db, plan->principal, err) && db_begin(db, err) && file_store_insert(db, &draft, 1, err) &&
           db_execute(db, SQL_MULTIPART_PUT, &params, err) &&
           quota_admit(db, plan->principal, &file_id, 1, plan->limits.max_bytes, err) && db_commit(db, err);
}

static bool insert(struct api *api, const struct plan *plan, const char *upload_id, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool inserted = insert_in(db, plan, upload_id, err);
    db_pool_give(api->database, db);
    return inserted;
}

static void answer_created(struct request *request, const struct file_draft *draft, const char *upload_id) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "key", draft->object_key);
    json_writer_text(&writer, "uploadId", upload_id);
    json_writer_text(&writer, "file_id", draft->file_id);
    json_writer_text(&writer, "bucket", draft->bucket);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

/* The store first: an upload without a record is ended again, a record without an upload would be a promise unkept. */
static bool create(struct api *api, struct s3_client *client, const struct plan *plan, char **ret_upload_id,
                   struct error *err) {
    _cleanup_(freep) char *upload_id = NULL;
    if (!s3_multipart_create(client, plan->draft.object_key, plan->draft.content_type, &upload_id, err)) {
        return false;
    }
    if (!insert(api, plan, upload_id, err)) {
        (void)!s3_multipart_abort(client, plan->draft.object_key, upload_id, NULL);
        return false;
    }
    *ret_upload_id = take_ptr(upload_id);
    return true;
}

bool handle_multipart_create(struct api *api, struct request *request, struct error *err) {
    _cleanup_(plan_free) struct plan plan = {.principal = &request->principal};
    struct s3_client *client = NULL;
    plan.limits = upload_limits_of(api, request, "file");
    if (!upload_policy_read(&request->reader, plan.limits.max_bytes, UPLOAD_MULTIPART, &plan.wish, err) ||
        !upload_limits_check_type(&plan.limits, plan.wish.content_type, err) ||
        !s3_pool_take(api->store, &client, err)) {
        return false;
    }
    upload_ticket_draft(api, request->principal.owner_id, &plan.wish, &plan.key, &plan.draft);
    _cleanup_(freep) char *upload_id = NULL;
    bool created = create(api, client, &plan, &upload_id, err);
    s3_pool_give(api->store, client);
    if (created) {
        memcpy(request->file_id, plan.draft.file_id, ID_TEXT_SIZE);
        answer_created(request, &plan.draft, upload_id);
    }
    return created;
}

static bool find_in(struct db *db, const char *owner_id, struct upload *upload, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, upload->key);
    db_param_text(&params, upload->upload_id);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_MULTIPART_GET, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such multipart upload");
    }
    return file_store_get(db, owner_id, db_text(result, 0, 0), &upload->record, err);
}

/* The upload that path and ?key= name. */
static bool find_upload(struct api *api, struct request *request, struct upload *upload, struct error *err) {
    upload->upload_id = request->match.parameters[0];
    if (!request_query(request, "key", &upload->key, err)) {
        return false;
    }
    if (upload->key == NULL) {
        return error_set(err, ERROR_VALIDATION_FAILED, "query parameter key is required");
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = find_in(db, request->principal.owner_id, upload, err);
    db_pool_give(api->database, db);
    if (found) {
        memcpy(request->file_id, upload->record->file_id, ID_TEXT_SIZE);
    }
    return found;
}

static void answer_parts(struct request *request, const struct s3_part *parts, size_t count) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '[');
    for (size_t i = 0; i < count; i++) {
        char etag[S3_ETAG_SIZE + 2];
        snprintf(etag, sizeof etag, "\"%s\"", parts[i].etag);
        json_writer_open(&writer, NULL, '{');
        json_writer_int(&writer, "PartNumber", parts[i].number);
        json_writer_int(&writer, "Size", parts[i].size);
        json_writer_text(&writer, "ETag", etag);
        json_writer_close(&writer, '}');
    }
    json_writer_close(&writer, ']');
    response_json(request, 200, &json);
}

bool handle_multipart_list(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_free) struct upload upload = {0};
    struct s3_client *client = NULL;
    if (!find_upload(api, request, &upload, err) || !s3_pool_take(api->store, &client, err)) {
        return false;
    }
    _cleanup_(freep) struct s3_part *parts = NULL;
    size_t count = 0;
    bool listed = s3_multipart_list_parts(client, upload.key, upload.upload_id, &parts, &count, err);
    s3_pool_give(api->store, client);
    if (listed) {
        answer_parts(request, parts, count);
    }
    return listed;
}

bool handle_multipart_sign(struct api *api, struct request *request, struct error *err) {
    int64_t number = 0;
    if (!parse_int64(request->match.parameters[1], 1, S3_PARTS_MAX, &number)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "the part number must be between 1 and %d", S3_PARTS_MAX);
    }
    _cleanup_(upload_free) struct upload upload = {0};
    if (!find_upload(api, request, &upload, err)) {
        return false;
    }
    const struct s3_presign_part part = {.key = upload.key,
                                         .upload_id = upload.upload_id,
                                         .part_number = (int)number,
                                         .size = -1,
                                         .expires_s = api->config->presign_ttl_s};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_part(api->presign, &part, clock_now_ms(), &permit);
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "url", permit.url);
    json_writer_int(&writer, "expires", part.expires_s);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

/* Joins the parts, or finds that an earlier request, whose answer was lost, did. */
static bool join_parts(struct s3_client *client, const struct upload *upload, const struct multipart_parts *parts,
                       struct s3_object *ret_object, struct error *err) {
    if (s3_multipart_complete(client, upload->key, upload->upload_id, parts->items, parts->count, false, NULL, err) ||
        err->code == ERROR_STORE_NOT_FOUND) {
        return s3_client_head(client, upload->key, ret_object, err);
    }
    if (err->code == ERROR_STORE_ERROR) {
        return error_set(err, ERROR_CONFLICT, "the store refused the parts: a wrong ETag, or one that is too small");
    }
    return false;
}

static bool arrive(struct api *api, const struct upload *upload, const struct s3_object *object, struct error *err) {
    const struct file_arrival arrival = {
        .bucket = upload->record->bucket,
        .object_key = upload->record->object_key,
        .size = object->size,
        .etag = object->etag,
        .version_id = object->version_id[0] == '\0' ? NULL : object->version_id,
    };
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    enum file_arrival_effect effect = ARRIVAL_UNKNOWN;
    bool arrived = file_state_arrive(db, &arrival, 1, &effect, err);
    db_pool_give(api->database, db);
    if (arrived) {
        api_wake_workers(api);
    }
    return arrived;
}

/* The object's address for clients, without a signature. */
static bool answer_location(const struct api *api, struct request *request, const struct upload *upload,
                            struct error *err) {
    const struct config *config = api->config;
    const char *url = api_public_endpoint(config);
    _cleanup_(s3_endpoint_free) struct s3_endpoint endpoint = {0};
    if (!s3_endpoint_parse(url, config->s3_bucket, config->s3_path_style, &endpoint, err)) {
        return false;
    }
    _cleanup_(buf_free) struct buf path = {0};
    s3_endpoint_path(&endpoint, upload->key, &path);
    _cleanup_(buf_free) struct buf location = {0};
    buf_printf(&location, "%s://%s", endpoint.scheme, endpoint.host);
    encode_uri(&location, path.data, path.length, true);
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "location", location.data);
    json_writer_text(&writer, "file_id", upload->record->file_id);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

bool handle_multipart_complete(struct api *api, struct request *request, struct error *err) {
    _cleanup_(multipart_parts_free) struct multipart_parts parts = {0};
    _cleanup_(upload_free) struct upload upload = {0};
    struct s3_client *client = NULL;
    if (!multipart_parts_read(&request->reader, &parts, err) || !find_upload(api, request, &upload, err) ||
        !s3_pool_take(api->store, &client, err)) {
        return false;
    }
    struct s3_object object = {0};
    bool joined = join_parts(client, &upload, &parts, &object, err);
    s3_pool_give(api->store, client);
    return joined && arrive(api, &upload, &object, err) && answer_location(api, request, &upload, err);
}

static bool abort_upload(struct api *api, const struct upload *upload, struct error *err) {
    struct s3_client *client = NULL;
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    bool ended = s3_multipart_abort(client, upload->key, upload->upload_id, err);
    s3_pool_give(api->store, client);
    struct db *db = NULL;
    if (!ended || !api_take_database(api, &db, err)) {
        return false;
    }
    bool changed = false;
    bool deleted = file_state_delete(db, upload->record->owner_id, upload->record->file_id, &changed, err);
    db_pool_give(api->database, db);
    return deleted;
}

bool handle_multipart_abort(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_free) struct upload upload = {0};
    if (!find_upload(api, request, &upload, err)) {
        return false;
    }
    if (upload.record->status != PENDING && upload.record->status != EXPIRED) {
        return error_set(err, ERROR_CONFLICT, "the upload is complete; DELETE /files/{id} removes the file");
    }
    if (!abort_upload(api, &upload, err)) {
        return false;
    }
    response_header(request, "Cache-Control", "no-store");
    response_send(request, 200, "application/json", "{}", 2);
    return true;
}
