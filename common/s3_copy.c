#include "common/s3_copy.h"

#include "common/encode.h"
#include "common/s3_multipart.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <string.h>

enum { RANGE_SIZE = 64, NUMBER_SIZE = 24 };

const struct s3_copy_limits s3_copy_usual_limits = {INT64_C(5) << 30, INT64_C(1) << 30};

/* The headers that name the source; they live as long as the texts. */
struct source {
    struct buf path, if_match;
};

static void source_free(struct source *source) {
    buf_free(&source->path);
    buf_free(&source->if_match);
}

static void add_source(const struct s3_client *client, const struct s3_copy *copy, struct s3_request *request,
                       struct source *ret_source) {
    buf_append_char(&ret_source->path, '/');
    buf_append_text(&ret_source->path, client->bucket);
    buf_append_char(&ret_source->path, '/');
    encode_uri(&ret_source->path, copy->source_key, strlen(copy->source_key), true);
    s3_request_header(request, "x-amz-copy-source", buf_text(&ret_source->path));
    if (copy->source_if_match != NULL) {
        buf_printf(&ret_source->if_match, "\"%s\"", copy->source_if_match);
        s3_request_header(request, "x-amz-copy-source-if-match", buf_text(&ret_source->if_match));
    }
}

static void add_description(const struct s3_copy *copy, struct s3_request *request) {
    if (copy->content_type == NULL) {
        return;
    }
    s3_request_header(request, "content-type", copy->content_type);
    s3_request_header(request, "content-disposition", copy->content_disposition);
    for (size_t i = 0; i < copy->metadata_count; i++) {
        s3_request_header(request, copy->metadata[i].name, copy->metadata[i].value);
    }
}

/* The etag in the reply to a copy of a whole object or of a part; "" when there is none. */
static bool take_etag(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    if (strcmp(path, "CopyObjectResult/ETag") == 0 || strcmp(path, "CopyPartResult/ETag") == 0) {
        s3_request_copy_etag(text, context);
    }
    return true;
}

static bool send_copy(struct s3_client *client, const struct s3_request *request, char ret_etag[S3_ETAG_SIZE],
                      struct error *err) {
    *ret_etag = '\0';
    if (!s3_request_send(client, request, err) || !s3_request_check_body(client, "PUT", err)) {
        return false;
    }
    const struct buf *body = &client->reply.body;
    return s3_xml_parse(buf_text(body), body->length, take_etag, ret_etag, err);
}

bool s3_client_copy(struct s3_client *client, const struct s3_copy *copy, struct s3_object *ret_object,
                    struct error *err) {
    struct s3_object object = {.size = -1};
    _cleanup_(source_free) struct source source = {0};
    struct s3_request request = {.method = "PUT", .key = copy->key, .idempotent = true, .slow_reply = true};
    add_source(client, copy, &request, &source);
    s3_request_header(&request, "x-amz-metadata-directive", copy->content_type != NULL ? "REPLACE" : NULL);
    add_description(copy, &request);
    if (!send_copy(client, &request, object.etag, err)) {
        return false;
    }
    if (ret_object != NULL) {
        *ret_object = object;
    }
    return true;
}

int64_t s3_copy_part_bytes(const struct s3_copy_limits *limits, int64_t size) {
    int64_t least = (size + S3_PARTS_MAX - 1) / S3_PARTS_MAX;
    return least > limits->part_bytes ? least : limits->part_bytes;
}

static bool copy_part(struct s3_client *client, const struct s3_copy *copy, const char *upload_id, int64_t first,
                      struct s3_part *part, struct error *err) {
    char range[RANGE_SIZE];
    char number[NUMBER_SIZE];
    _cleanup_(source_free) struct source source = {0};
    struct s3_request request = {.method = "PUT", .key = copy->key, .idempotent = true, .slow_reply = true};
    snprintf(number, sizeof number, "%d", part->number);
    snprintf(range, sizeof range, "bytes=%" PRId64 "-%" PRId64, first, first + part->size - 1);
    s3_request_query(&request, "partNumber", number);
    s3_request_query(&request, "uploadId", upload_id);
    add_source(client, copy, &request, &source);
    s3_request_header(&request, "x-amz-copy-source-range", range);
    if (!send_copy(client, &request, part->etag, err)) {
        return false;
    }
    return part->etag[0] != '\0' || error_set(err, ERROR_STORE_ERROR, "PUT: the store gave no ETag for a copied part");
}

static bool copy_parts(struct s3_client *client, const struct s3_copy *copy, const char *upload_id, int64_t size,
                       int64_t part_bytes, struct s3_object *ret_object, struct error *err) {
    size_t count = (size_t)((size + part_bytes - 1) / part_bytes);
    _cleanup_(freep) struct s3_part *parts = xcalloc(count, sizeof *parts);
    for (size_t i = 0; i < count; i++) {
        int64_t first = (int64_t)i * part_bytes;
        parts[i].number = (int)i + 1;
        parts[i].size = size - first < part_bytes ? size - first : part_bytes;
        if (!copy_part(client, copy, upload_id, first, &parts[i], err)) {
            return false;
        }
    }
    return s3_multipart_complete(client, copy->key, upload_id, parts, count, false, ret_object, err);
}

static bool copy_large(struct s3_client *client, const struct s3_copy *copy, int64_t size,
                       const struct s3_copy_limits *limits, struct s3_object *ret_object, struct error *err) {
    struct s3_request request = {
        .method = "POST", .key = copy->key, .idempotent = true}; /* twice leaves an empty one */
    _cleanup_(freep) char *upload_id = NULL;
    add_description(copy, &request);
    if (!s3_multipart_begin(client, &request, &upload_id, err)) {
        return false;
    }
    if (copy_parts(client, copy, upload_id, size, s3_copy_part_bytes(limits, size), ret_object, err)) {
        return true;
    }
    struct error ignored; /* the store drops what is open for long */
    (void)!s3_multipart_abort(client, copy->key, upload_id, &ignored);
    return false;
}

bool s3_copy_object(struct s3_client *client, const struct s3_copy *copy, int64_t size,
                    const struct s3_copy_limits *limits, struct s3_object *ret_object, struct error *err) {
    return size <= limits->single_max ? s3_client_copy(client, copy, ret_object, err)
                                      : copy_large(client, copy, size, limits, ret_object, err);
}
