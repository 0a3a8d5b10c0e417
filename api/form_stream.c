#include "api/form_stream.h"

#include "common/clock.h"
#include "common/xalloc.h"

enum { PIECE = 64 << 10 /* of the body; within SLUICE_ASSET_STALL_S each */, DISCARD_MS = 5000 };

/* How far the body is read. */
struct progress {
    int64_t taken;
    int64_t of_piece; /* bytes of the piece that the time runs for: a read may end before it is whole */
};

bool form_stream_boundary(const struct request *request, char ret_boundary[FORM_BOUNDARY_MAX + 1], struct error *err) {
    if (!form_data_boundary(request_header(request, "Content-Type"), ret_boundary, err)) {
        return false;
    }
    return request->framing.chunked || request->framing.length >= 0 ||
           error_set(err, ERROR_LENGTH_REQUIRED, "the body has neither a Content-Length nor chunks");
}

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

static void count(struct progress *progress, size_t length) {
    progress->taken += (int64_t)length;
    progress->of_piece = (progress->of_piece + (int64_t)length) % PIECE;
}

/* The end of the body is seen as in reading it; anything else is no matter any more. */
static void discard(const struct api *api, struct request *request, struct progress *progress, void *place,
                    int64_t discard_max) {
    int64_t end_ms = clock_monotonic_ms() + DISCARD_MS;
    int64_t end = progress->taken + discard_max;
    struct error ignored;
    while (progress->taken < end && clock_monotonic_ms() < end_ms && !request->body_ended) {
        size_t length = 0;
        if (next_read(request, progress) > 0 && !read_some(api, request, progress, place, &length, &ignored)) {
            return;
        }
        count(progress, length);
        request->body_ended = length == 0;
    }
}

bool form_stream_read(const struct api *api, struct request *request, struct form_data *form, int64_t discard_max,
                      struct error *err) {
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
        count(&progress, length);
        if (!form_data_feed(form, place, length, err)) {
            discard(api, request, &progress, place, discard_max);
            return false;
        }
    }
    request->body_ended = true;
    return form_data_end(form, err);
}
