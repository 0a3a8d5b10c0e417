/* GET and HEAD /files/{id}/content: the bytes, as a download that browsers run nothing of. */

#include "api/byte_range.h"
#include "api/content_source.h"
#include "api/entity_tag.h"
#include "api/handlers.h"
#include "api/media_type.h"
#include "api/response.h"
#include "common/content_disposition.h"
#include "common/metrics.h"

#include <inttypes.h>
#include <string.h>

enum { TAG_SIZE = SHA256_HEX_SIZE + 2 };

/* An answer in the making. */
struct delivery {
    struct api *api;
    struct request *request;
    const struct file_record *record;
    char tag[TAG_SIZE]; /* with quotes; "" while the hash is not known */
    int64_t size;       /* of the whole */
    enum byte_range_kind kind;
    struct byte_range range;
    bool started;
};

/* What is known of the content's type decides, never what the client hopes for. */
static const char *type_of(const struct file_record *record) {
    const char *type = record->detected_type != NULL ? record->detected_type : record->content_type;
    return type != NULL ? type : "application/octet-stream";
}

static void add_headers(const struct delivery *delivery, enum content_cache cache) {
    struct request *request = delivery->request;
    const struct file_record *record = delivery->record;
    _cleanup_(buf_free) struct buf disposition = {0};
    content_disposition_append(&disposition, media_type_is_inline_image(record->detected_type), record->filename);
    response_header(request, "Content-Disposition", buf_text(&disposition));
    response_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
    response_header(request, "Accept-Ranges", "bytes");
    response_header(request, "Cache-Control", "private, no-cache");
    response_header(request, "X-Cache", content_cache_name(cache));
    if (delivery->tag[0] != '\0') {
        response_header(request, "ETag", delivery->tag);
    }
    if (delivery->kind == BYTE_RANGE_PART) {
        char range[80];
        snprintf(range, sizeof range, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, delivery->range.first,
                 delivery->range.first + delivery->range.length - 1, delivery->size);
        response_header(request, "Content-Range", range);
    }
}

static int status_of(const struct delivery *delivery) {
    return delivery->kind == BYTE_RANGE_PART ? 206 : 200;
}

static bool start_stream(struct delivery *delivery) {
    delivery->started = true;
    add_headers(delivery, CONTENT_BYPASS);
    return response_start(delivery->request, status_of(delivery), type_of(delivery->record), delivery->range.length);
}

/* The headers go out with the first bytes: until then, an error of the store can be answered as what it is. */
static bool pass_on(void *context, const void *bytes, size_t length, struct error *err) {
    struct delivery *delivery = context;
    if ((!delivery->started && !start_stream(delivery)) || !response_write(delivery->request, bytes, length)) {
        return error_set(err, ERROR_BAD_REQUEST, "the client is gone");
    }
    return true;
}

static bool stream(struct delivery *delivery, struct error *err) {
    if (strcmp(delivery->request->method, "HEAD") != 0 &&
        !content_stream(delivery->api, delivery->record, delivery->range.first,
                        delivery->kind == BYTE_RANGE_PART ? delivery->range.length : -1, pass_on, delivery, err)) {
        return false;
    }
    metrics_increment(METRIC_CONTENT_READS, CONTENT_BYPASS);
    return delivery->started || start_stream(delivery) || error_set(err, ERROR_BAD_REQUEST, "the client is gone");
}

static bool send_cached(struct delivery *delivery, struct error *err) {
    _cleanup_(buf_free) struct buf bytes = {0};
    enum content_cache cache = CONTENT_MISS;
    if (!content_read(delivery->api, delivery->record, delivery->api->config->cache_max_bytes, &bytes, &cache, err)) {
        return false;
    }
    metrics_increment(METRIC_CONTENT_READS, cache);
    add_headers(delivery, cache);
    response_send(delivery->request, status_of(delivery), type_of(delivery->record),
                  buf_text(&bytes) + delivery->range.first, (size_t)delivery->range.length);
    return true;
}

static void send_not_modified(const struct delivery *delivery) {
    response_header(delivery->request, "ETag", delivery->tag);
    response_header(delivery->request, "Cache-Control", "private, no-cache");
    response_send(delivery->request, 304, NULL, NULL, 0);
}

static bool refuse_range(const struct delivery *delivery, struct error *err) {
    char range[40];
    snprintf(range, sizeof range, "bytes */%" PRId64, delivery->size);
    response_header(delivery->request, "Content-Range", range);
    return error_set(err, ERROR_RANGE_NOT_SATISFIABLE, "the content has %" PRId64 " bytes", delivery->size);
}

static bool deliver(struct delivery *delivery, struct error *err) {
    struct request *request = delivery->request;
    const char *tag = delivery->tag[0] == '\0' ? NULL : delivery->tag;
    if (tag != NULL && entity_tag_listed(request_header(request, "If-None-Match"), tag)) {
        send_not_modified(delivery);
        return true;
    }
    bool ranged = entity_tag_allows_range(request_header(request, "If-Range"), tag);
    delivery->kind = byte_range_of(ranged ? request_header(request, "Range") : NULL, delivery->size, &delivery->range);
    if (delivery->kind == BYTE_RANGE_UNSATISFIABLE) {
        return refuse_range(delivery, err);
    }
    bool cached = content_is_cached(delivery->record, delivery->api->config->cache_max_bytes);
    return cached ? send_cached(delivery, err) : stream(delivery, err);
}

bool handle_content(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!request_file_id(request, file_id, err) || !api_get_file(api, request, file_id, &record, err) ||
        !content_available(record, err)) {
        return false;
    }
    struct delivery delivery = {.api = api, .request = request, .record = record, .size = record->size};
    if (record->sha256 != NULL) {
        snprintf(delivery.tag, sizeof delivery.tag, "\"%s\"", record->sha256);
    }
    if (delivery.size < 0 && !content_size(api, record, &delivery.size, err)) {
        return false;
    }
    return deliver(&delivery, err);
}
