/* Multipart uploads driven by the client, in the words of Uppy's Companion (routes of @uppy/aws-s3). */

#include "api/handlers.h"
#include "api/multipart_find.h"
#include "api/multipart_parts.h"
#include "api/response.h"
#include "api/token_check.h"
#include "api/upload_commit.h"
#include "common/clock.h"
#include "common/encode.h"

#include <string.h>

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

static bool start_in_store(struct s3_client *client, const struct upload_plan *plan, char **ret_upload_id,
                           struct error *err) {
    struct http_header headers[UPLOAD_METADATA_MAX];
    _Static_assert((int)UPLOAD_METADATA_MAX <= (int)S3_MULTIPART_HEADERS_MAX, "all of them are sent");
    for (size_t i = 0; i < plan->wish.metadata.count; i++) {
        headers[i] = (struct http_header){plan->wish.metadata.fields[i].name, plan->wish.metadata.fields[i].value};
    }
    return s3_multipart_create_with(client, plan->draft.object_key, plan->draft.content_type, headers,
                                    plan->wish.metadata.count, ret_upload_id, err);
}

/* The store first: an upload without a record is ended again, a record without an upload would be a promise unkept. */
static bool create(struct api *api, struct request *request, struct s3_client *client, const struct upload_plan *plan,
                   char **ret_upload_id, struct error *err) {
    _cleanup_(freep) char *upload_id = NULL;
    if (!start_in_store(client, plan, &upload_id, err)) {
        return false;
    }
    if (!upload_commit(api, request, &plan->draft, upload_id, err)) {
        (void)!s3_multipart_abort(client, plan->draft.object_key, upload_id, NULL);
        return false;
    }
    *ret_upload_id = take_ptr(upload_id);
    return true;
}

bool handle_multipart_create(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_plan_free) struct upload_plan plan = {0};
    struct s3_client *client = NULL;
    if (!signer_wish_of_multipart(request, api->config->max_upload_bytes, &plan.wish, err) ||
        !upload_plan_draft(api, request, &plan, err) || !s3_pool_take(api->store, &client, err)) {
        return false;
    }
    _cleanup_(freep) char *upload_id = NULL;
    bool created = create(api, request, client, &plan, &upload_id, err);
    s3_pool_give(api->store, client);
    if (created) {
        answer_created(request, &plan.draft, upload_id);
    }
    return created;
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
    _cleanup_(multipart_free) struct multipart upload = {0};
    struct s3_client *client = NULL;
    if (!multipart_find(api, request, &upload, err) || !s3_pool_take(api->store, &client, err)) {
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

/* Neither type nor size is signed: clients send what type they like, or none, and parts may have any size. */
static void sign_part(const struct api *api, const struct multipart *upload, int number, int64_t now_ms,
                      struct s3_signed *ret_signed) {
    const struct s3_presign_part part = {.key = upload->key,
                                         .upload_id = upload->upload_id,
                                         .part_number = number,
                                         .size = -1,
                                         .expires_s = api->config->presign_ttl_s};
    s3_presign_part(api->presign, &part, now_ms, ret_signed);
}

bool handle_multipart_sign(struct api *api, struct request *request, struct error *err) {
    int64_t number = 0;
    if (!parse_int64(request->match.parameters[1], 1, S3_PARTS_MAX, &number)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "the part number must be between 1 and %d", S3_PARTS_MAX);
    }
    _cleanup_(multipart_free) struct multipart upload = {0};
    if (!multipart_find(api, request, &upload, err)) {
        return false;
    }
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    sign_part(api, &upload, (int)number, clock_now_ms(), &permit);
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "url", permit.url);
    json_writer_int(&writer, "expires", api->config->presign_ttl_s);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

static void answer_batch(const struct api *api, struct request *request, const struct multipart *upload,
                         const struct part_numbers *numbers) {
    int64_t now_ms = clock_now_ms();
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "presignedUrls", '{');
    for (size_t i = 0; i < numbers->count; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", numbers->items[i]);
        _cleanup_(s3_signed_free) struct s3_signed permit = {0};
        sign_part(api, upload, numbers->items[i], now_ms, &permit);
        json_writer_text(&writer, name, permit.url);
    }
    json_writer_close(&writer, '}');
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_multipart_batch(struct api *api, struct request *request, struct error *err) {
    struct part_numbers numbers;
    _cleanup_(freep) char *text = NULL;
    _cleanup_(multipart_free) struct multipart upload = {0};
    if (!request_query(request, "partNumbers", &text, err) || !part_numbers_read(text, &numbers, err) ||
        !multipart_find(api, request, &upload, err)) {
        return false;
    }
    answer_batch(api, request, &upload, &numbers);
    return true;
}

/* Joins the parts, or finds that an earlier request, whose answer was lost, did. */
static bool join_parts(struct s3_client *client, const struct multipart *upload, const struct multipart_parts *parts,
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

static bool arrive(struct api *api, const struct multipart *upload, const struct s3_object *object, struct error *err) {
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
static bool answer_location(const struct api *api, struct request *request, const struct multipart *upload,
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
    json_writer_text(&writer, "key", upload->key);
    json_writer_text(&writer, "bucket", upload->record->bucket);
    json_writer_text(&writer, "file_id", upload->record->file_id);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

/* The size of the very parts that are to be joined: another part of the same number would have another ETag. Both lists
 * ascend. */
static bool add_up(const struct multipart_parts *wanted, const struct s3_part *listed, size_t count, int64_t *ret_total,
                   struct error *err) {
    size_t at = 0;
    *ret_total = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        while (at < count && listed[at].number < wanted->items[i].number) {
            at++;
        }
        if (at == count || listed[at].number != wanted->items[i].number ||
            strcmp(listed[at].etag, wanted->items[i].etag) != 0) {
            return error_set(err, ERROR_CONFLICT, "part %d is not there, or has another ETag", wanted->items[i].number);
        }
        *ret_total += listed[at].size;
    }
    return true;
}

/* A token's limit, which signed parts do not have. */
static bool check_total(struct s3_client *client, const struct request *request, const struct multipart *upload,
                        const struct multipart_parts *wanted, struct error *err) {
    int64_t limit = token_limit(request->upload_token, INT64_MAX);
    int64_t total = 0;
    size_t count = 0;
    _cleanup_(freep) struct s3_part *parts = NULL;
    if (limit == INT64_MAX) {
        return true;
    }
    if (!s3_multipart_list_parts(client, upload->key, upload->upload_id, &parts, &count, err)) {
        return err->code == ERROR_STORE_NOT_FOUND; /* joined before, or never there, which joining tells */
    }
    return add_up(wanted, parts, count, &total, err) &&
           (total <= limit ||
            error_set(err, ERROR_FILE_TOO_LARGE, "this token takes files of at most %lld bytes", (long long)limit));
}

bool handle_multipart_complete(struct api *api, struct request *request, struct error *err) {
    _cleanup_(multipart_parts_free) struct multipart_parts parts = {0};
    _cleanup_(multipart_free) struct multipart upload = {0};
    struct s3_client *client = NULL;
    if (!multipart_parts_read(&request->reader, &parts, err) || !multipart_find(api, request, &upload, err) ||
        !s3_pool_take(api->store, &client, err)) {
        return false;
    }
    struct s3_object object = {0};
    bool joined =
        check_total(client, request, &upload, &parts, err) && join_parts(client, &upload, &parts, &object, err);
    s3_pool_give(api->store, client);
    return joined && arrive(api, &upload, &object, err) && answer_location(api, request, &upload, err);
}

static bool abort_upload(struct api *api, const struct multipart *upload, struct error *err) {
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
    _cleanup_(multipart_free) struct multipart upload = {0};
    if (!multipart_find(api, request, &upload, err)) {
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
