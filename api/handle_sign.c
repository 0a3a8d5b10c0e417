/* POST /s3/sign: signs one request to the store for `signRequest` of @uppy/aws-s3 6.x, which then drives the whole upload by
 * itself: PutObject, or CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload and AbortMultipartUpload. The first
 * of an upload makes its record, and the key; the others must name both key and upload. */

#include "api/handlers.h"
#include "api/multipart_find.h"
#include "api/response.h"
#include "api/upload_commit.h"
#include "common/clock.h"
#include "common/s3_multipart.h"
#include "common/upload_token_store.h"

#include <string.h>

enum { NUMBER_SIZE = 24, UPLOAD_ID_MAX = 1024 };

static bool sign_put(struct api *api, struct request *request, struct error *err);
static bool sign_create(struct api *api, struct request *request, struct error *err);
static bool sign_part(struct api *api, struct request *request, struct error *err);
static bool sign_other(struct api *api, struct request *request, struct error *err);

/* By what the request names. */
static const struct {
    const char *method;
    bool has_upload, has_part;
    bool (*sign)(struct api *api, struct request *request, struct error *err);
} operations[] = {
    {"PUT", false, false, sign_put},  {"POST", false, false, sign_create}, {"PUT", true, true, sign_part},
    {"GET", true, false, sign_other}, {"POST", true, false, sign_other},   {"DELETE", true, false, sign_other},
};

static int64_t validity(const struct api *api, const struct request *request) {
    int64_t wanted = json_integer_value(json_object_get(request->json, "expiresIn"));
    return wanted > 0 && wanted < api->config->presign_ttl_s ? wanted : api->config->presign_ttl_s;
}

static void answer(struct request *request, const struct s3_signed *permit, const char *key, const char *file_id) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "url", permit->url);
    json_writer_text(&writer, "key", key);
    json_writer_open(&writer, "headers", '{');
    for (size_t i = 0; i < permit->field_count; i++) {
        if (strcmp(permit->fields[i].name, "Content-Length") != 0) { /* pages cannot set it; browsers do */
            json_writer_text(&writer, permit->fields[i].name, permit->fields[i].value);
        }
    }
    json_writer_close(&writer, '}');
    json_writer_text(&writer, "file_id", file_id);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

/* A PUT has no size limit but an exact one, so that what has one goes by a form (Uppy 6.3). */
static void answer_form(struct request *request, const struct upload_terms *terms, const struct s3_signed *permit) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "url", permit->url);
    json_writer_text(&writer, "key", terms->object_key);
    json_writer_open(&writer, "fields", '{');
    upload_ticket_form(&writer, terms, permit);
    json_writer_close(&writer, '}');
    json_writer_text(&writer, "file_id", terms->file_id);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

static bool has_size_limit(const struct request *request) {
    return request->upload_token != NULL && request->upload_token->max_bytes >= 0;
}

/* Uppy before 6.3 tells no type and sends none of the signer's headers: its URL is then signed without any. */
static bool sign_put(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_plan_free) struct upload_plan plan = {0};
    enum upload_method method = has_size_limit(request) ? UPLOAD_POST : UPLOAD_PUT;
    if (!signer_wish_of_sign(request, api->config->max_upload_bytes, method, &plan.wish, err) ||
        !upload_plan_draft(api, request, &plan, err) || !upload_commit(api, request, &plan.draft, NULL, err)) {
        return false;
    }
    struct upload_terms terms = upload_plan_terms(api, request, &plan);
    terms.may_overwrite = json_text(request->json, "contentType") == NULL;
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    upload_ticket_sign(api, &terms, clock_now_ms(), &permit);
    if (method == UPLOAD_POST) {
        answer_form(request, &terms, &permit);
    } else {
        answer(request, &permit, terms.object_key, terms.file_id);
    }
    return true;
}

static bool sign_create(struct api *api, struct request *request, struct error *err) {
    if (has_size_limit(request)) {
        return error_set(err, ERROR_FORBIDDEN, "a token with max_bytes takes parts by /s3/multipart only");
    }
    _cleanup_(upload_plan_free) struct upload_plan plan = {0};
    if (!signer_wish_of_sign(request, api->config->max_upload_bytes, UPLOAD_MULTIPART, &plan.wish, err) ||
        !upload_plan_draft(api, request, &plan, err) || !upload_commit(api, request, &plan.draft, NULL, err)) {
        return false;
    }
    static const struct s3_field query[] = {{"uploads", ""}};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_any(api->presign, "POST", plan.draft.object_key, query, 1, validity(api, request), clock_now_ms(),
                   &permit);
    answer(request, &permit, plan.draft.object_key, plan.draft.file_id);
    return true;
}

static bool find(struct api *api, struct request *request, struct multipart *ret_multipart, struct error *err) {
    const char *key = json_read_text(&request->reader, "key", OBJECT_KEY_MAX, true);
    const char *upload_id = json_read_text(&request->reader, "uploadId", UPLOAD_ID_MAX, true);
    if (!json_reader_ok(&request->reader)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    return multipart_bind(api, request, key, upload_id, ret_multipart, err);
}

static bool sign_part(struct api *api, struct request *request, struct error *err) {
    int64_t number = json_read_int(&request->reader, "partNumber", 1, S3_PARTS_MAX, true, 0);
    _cleanup_(multipart_free) struct multipart multipart = {0};
    if (!find(api, request, &multipart, err)) {
        return false;
    }
    const struct s3_presign_part part = {.key = multipart.key,
                                         .upload_id = multipart.upload_id,
                                         .part_number = (int)number,
                                         .size = -1,
                                         .expires_s = validity(api, request)};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_part(api->presign, &part, clock_now_ms(), &permit);
    answer(request, &permit, multipart.key, request->file_id);
    return true;
}

/* ListParts, CompleteMultipartUpload, AbortMultipartUpload differ by their method only. */
static bool sign_other(struct api *api, struct request *request, struct error *err) {
    _cleanup_(multipart_free) struct multipart multipart = {0};
    if (!find(api, request, &multipart, err)) {
        return false;
    }
    const struct s3_field query[] = {{"uploadId", multipart.upload_id}};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_any(api->presign, json_text(request->json, "method"), multipart.key, query, 1, validity(api, request),
                   clock_now_ms(), &permit);
    answer(request, &permit, multipart.key, request->file_id);
    return true;
}

bool handle_s3_sign(struct api *api, struct request *request, struct error *err) {
    const char *method = json_read_text(&request->reader, "method", 16, true);
    bool has_upload = json_object_get(request->json, "uploadId") != NULL;
    bool has_part = json_object_get(request->json, "partNumber") != NULL;
    for (size_t i = 0; method != NULL && i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].method, method) == 0 && operations[i].has_upload == has_upload &&
            operations[i].has_part == has_part) {
            return operations[i].sign(api, request, err);
        }
    }
    return error_set(err, ERROR_VALIDATION_FAILED, "method, uploadId and partNumber name no operation that is signed");
}
