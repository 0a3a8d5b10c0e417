/* POST /rails/active_storage/direct_uploads: what @rails/activestorage asks of Rails, answered as
 * ActiveStorage::DirectUploadsController does. */

#include "api/handlers.h"
#include "api/response.h"
#include "api/upload_commit.h"
#include "common/clock.h"

#include <string.h>

/* Browsers send the length by themselves and refuse to be told it. */
static void write_headers(struct json_writer *writer, const struct s3_signed *permit) {
    json_writer_open(writer, "headers", '{');
    for (size_t i = 0; i < permit->field_count; i++) {
        if (strcmp(permit->fields[i].name, "Content-Length") != 0) {
            json_writer_text(writer, permit->fields[i].name, permit->fields[i].value);
        }
    }
    json_writer_close(writer, '}');
}

static void write_blob(struct json_writer *writer, const json_t *blob, const struct upload_plan *plan, int64_t now_ms) {
    char created_at[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(now_ms, created_at);
    _cleanup_(freep) char *metadata = json_to_text(json_object_get(blob, "metadata"));
    json_writer_text(writer, "id", plan->draft.file_id);
    json_writer_text(writer, "key", plan->draft.object_key);
    json_writer_text(writer, "filename", plan->draft.filename);
    json_writer_text(writer, "content_type", plan->draft.content_type);
    json_writer_raw(writer, "metadata", json_is_object(json_object_get(blob, "metadata")) ? metadata : "{}");
    json_writer_text(writer, "service_name", "sluice");
    json_writer_int(writer, "byte_size", plan->draft.expected_size);
    json_writer_text(writer, "checksum", plan->wish.content_md5);
    json_writer_text(writer, "created_at", created_at);
    json_writer_text(writer, "signed_id", plan->draft.file_id);
}

static void answer(const struct api *api, struct request *request, const struct upload_plan *plan) {
    const struct s3_field checksum = {"Content-MD5", plan->wish.content_md5};
    struct upload_terms terms = upload_plan_terms(api, request, plan);
    terms.extra = &checksum;
    terms.extra_count = 1;
    int64_t now_ms = clock_now_ms();
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    upload_ticket_sign(api, &terms, now_ms, &permit);
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    write_blob(&writer, json_object_get(request->json, "blob"), plan, now_ms);
    json_writer_open(&writer, "direct_upload", '{');
    json_writer_text(&writer, "url", permit.url);
    write_headers(&writer, &permit);
    json_writer_close(&writer, '}');
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_direct_upload(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_plan_free) struct upload_plan plan = {0};
    if (!signer_wish_of_blob(request, api->config->max_upload_bytes, &plan.wish, err) ||
        !upload_plan_draft(api, request, &plan, err) || !upload_commit(api, request, &plan.draft, NULL, err)) {
        return false;
    }
    answer(api, request, &plan);
    return true;
}
