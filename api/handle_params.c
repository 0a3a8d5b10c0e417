/* GET /s3/params: a form to upload one file with, in the words of Uppy's Companion (@uppy/aws-s3), which are those of Shrine's
 * presign endpoint, too. */

#include "api/handlers.h"
#include "api/response.h"
#include "api/upload_commit.h"
#include "common/clock.h"

static void answer(const struct api *api, struct request *request, const struct upload_plan *plan) {
    const struct upload_terms terms = upload_plan_terms(api, request, plan);
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    upload_ticket_sign(api, &terms, clock_now_ms(), &permit);
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "method", permit.method);
    json_writer_text(&writer, "url", permit.url);
    json_writer_open(&writer, "fields", '{');
    upload_ticket_form(&writer, &terms, &permit);
    json_writer_close(&writer, '}');
    json_writer_open(&writer, "headers", '{');
    json_writer_close(&writer, '}');
    json_writer_int(&writer, "expires", api->config->presign_ttl_s);
    json_writer_text(&writer, "file_id", terms.file_id);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_s3_params(struct api *api, struct request *request, struct error *err) {
    _cleanup_(upload_plan_free) struct upload_plan plan = {0};
    if (!signer_wish_of_query(request, api->config->max_upload_bytes, &plan.wish, err) ||
        !upload_plan_draft(api, request, &plan, err) || !upload_commit(api, request, &plan.draft, NULL, err)) {
        return false;
    }
    answer(api, request, &plan);
    return true;
}
