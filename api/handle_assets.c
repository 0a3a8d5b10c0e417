/* POST /api/v1/assets: the body streams through the form parser into the store; then its record is committed, then answered.
 *
 * Whatever goes wrong before the commit leaves nothing: the object becomes visible only when the whole form was read. */

#include "api/asset_commit.h"
#include "api/form_stream.h"
#include "api/handlers.h"
#include "api/quota.h"
#include "api/response.h"
#include "common/metrics.h"

#include <string.h>

/* Reads the form into the store. */
static bool receive(struct api *api, struct request *request, struct asset_form *form, struct asset_upload *upload,
                    struct error *err) {
    char boundary[FORM_BOUNDARY_MAX + 1];
    int64_t at_least = request->framing.length - ASSET_FORM_ROOM; /* of the file */
    if (!form_stream_boundary(request, boundary, err) || !quota_check(api, &request->principal, at_least, err) ||
        !asset_upload_start(api, request->framing.length, upload, err)) {
        return false;
    }
    const struct form_handler handler = asset_form_handler(form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new(boundary, &handler);
    return form_stream_read(api, request, parser, 0, err) && asset_form_check(form, err) &&
           asset_upload_finish(upload, form, err);
}

bool handle_asset_upload(struct api *api, struct request *request, struct error *err) {
    _cleanup_(asset_upload_free) struct asset_upload upload = {.limits = upload_limits_of(api, request, "asset")};
    _cleanup_(asset_form_free) struct asset_form form = {
        .complaints = &request->reader,
        .begin = asset_upload_begin,
        .sink = asset_upload_write,
        .context = &upload,
    };
    _cleanup_(buf_free) struct buf json = {0};
    bool replayed = false;
    if (!receive(api, request, &form, &upload, err)) {
        request->response.close |= !request->body_ended;
        return false;
    }
    if (!asset_commit(api, request, &form, &upload, &json, &replayed, err)) {
        return false;
    }
    if (replayed) {
        response_header(request, "Idempotent-Replayed", "true");
    } else {
        memcpy(request->file_id, upload.object.file_id, ID_TEXT_SIZE);
        metrics_increment(METRIC_ASSETS_RECEIVED, 0);
        api_wake_workers(api);
    }
    response_json(request, 200, &json);
    return true;
}
