/* POST /api/v1/assets: the body streams through the form parser into the store; then its record is committed, then answered.
 *
 * Whatever goes wrong before the commit leaves nothing: the object becomes visible only when the whole form was read. */

#include "api/asset_commit.h"
#include "api/handlers.h"
#include "api/quota.h"
#include "api/response.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <string.h>

enum { PIECE = 64 << 10 }; /* of the body; within SLUICE_ASSET_STALL_S each */

/* How far the body is read. */
struct progress {
    int64_t taken;
    int64_t of_piece; /* bytes of the piece that the time runs for: a read may end before it is whole */
};

/* How much to read next; 0 when the announced length is reached. */
static size_t next_read(const struct request *request, const struct progress *progress) {
    int64_t wanted = PIECE - progress->of_piece;
    int64_t left = request->framing.chunked ? wanted : request->framing.length - progress->taken;
    return left < wanted ? (size_t)left : (size_t)wanted;
}

static bool read_some(const struct api *api, const struct request *request, const struct progress *progress,
                      void *place, size_t *ret_length, struct error *err) {
    const struct http_stream *stream = &request->stream;
    size_t wanted = next_read(request, progress);
    if (progress->of_piece == 0) {
        stream->extend(stream->context, api->config->asset_stall_s * 1000);
    }
    switch (stream->read(stream->context, place, wanted, ret_length)) {
    case HTTP_READ_OK:
        return *ret_length > 0 || request->framing.chunked ||
               error_set(err, ERROR_BAD_REQUEST, "the body is shorter than its Content-Length");
    case HTTP_READ_TIMEOUT:
        return error_set(err, ERROR_REQUEST_TIMEOUT, "the body came too slowly");
    case HTTP_READ_BROKEN:
        break;
    }
    return error_set(err, ERROR_BAD_REQUEST, "the body ended early or is not well chunked");
}

static bool read_body(const struct api *api, struct request *request, struct form_data *form, struct error *err) {
    _cleanup_(freep) char *place = xmalloc(PIECE); /* threads of the server have small stacks */
    struct progress progress = {0};
    size_t length = 1;
    if (!request_continue(request, err)) {
        return false;
    }
    while (length > 0 && next_read(request, &progress) > 0) {
        if (!read_some(api, request, &progress, place, &length, err)) {
            return false;
        }
        progress.taken += (int64_t)length;
        progress.of_piece = (progress.of_piece + (int64_t)length) % PIECE;
        if (!form_data_feed(form, place, length, err)) {
            return false;
        }
    }
    request->body_ended = true;
    return form_data_end(form, err);
}

/* Reads the form into the store. */
static bool receive(struct api *api, struct request *request, struct asset_form *form, struct asset_upload *upload,
                    struct error *err) {
    char boundary[FORM_BOUNDARY_MAX + 1];
    if (!form_data_boundary(request_header(request, "Content-Type"), boundary, err)) {
        return false;
    }
    if (!request->framing.chunked && request->framing.length < 0) {
        return error_set(err, ERROR_LENGTH_REQUIRED, "the body has neither a Content-Length nor chunks");
    }
    int64_t at_least = request->framing.length - ASSET_FORM_ROOM; /* of the file */
    if (!quota_check(api, &request->principal, at_least, err) ||
        !asset_upload_start(api, request->framing.length, upload, err)) {
        return false;
    }
    const struct form_handler handler = asset_form_handler(form);
    _cleanup_(form_data_freep) struct form_data *parser = form_data_new(boundary, &handler);
    return read_body(api, request, parser, err) && asset_form_check(form, err) &&
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
        memcpy(request->file_id, upload.file_id, ID_TEXT_SIZE);
        metrics_increment(METRIC_ASSETS_RECEIVED, 0);
        api_wake_workers(api);
    }
    response_json(request, 200, &json);
    return true;
}
