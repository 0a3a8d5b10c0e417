#include "common/s3_multipart.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { NUMBER_SIZE = 24, LIST_BYTES = 8 << 20, UPLOADS_MAX = 1000 };

static bool parse_reply(struct s3_client *client, s3_xml_function function, void *context, struct error *err) {
    return s3_xml_parse(buf_text(&client->reply.body), client->reply.body.length, function, context, err);
}

static bool take_upload_id(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    char **upload_id = context;
    if (*upload_id == NULL && *text != '\0' && strcmp(path, "InitiateMultipartUploadResult/UploadId") == 0) {
        *upload_id = xstrdup(text);
    }
    return true;
}

bool s3_multipart_begin(struct s3_client *client, struct s3_request *request, char **ret_upload_id, struct error *err) {
    _cleanup_(freep) char *upload_id = NULL;
    s3_request_query(request, "uploads", "");
    if (!s3_request_send(client, request, err) || !parse_reply(client, take_upload_id, &upload_id, err)) {
        return false;
    }
    if (upload_id == NULL) {
        return error_set(err, ERROR_STORE_ERROR, "POST: the store gave no upload id");
    }
    *ret_upload_id = take_ptr(upload_id);
    return true;
}

bool s3_multipart_create(struct s3_client *client, const char *key, const char *content_type, char **ret_upload_id,
                         struct error *err) {
    return s3_multipart_create_with(client, key, content_type, NULL, 0, ret_upload_id, err);
}

bool s3_multipart_create_with(struct s3_client *client, const char *key, const char *content_type,
                              const struct http_header *headers, size_t header_count, char **ret_upload_id,
                              struct error *err) {
    struct s3_request request = {.method = "POST", .key = key, .idempotent = true}; /* twice leaves an empty one */
    s3_request_header(&request, "content-type", content_type);
    for (size_t i = 0; i < header_count && i < S3_MULTIPART_HEADERS_MAX; i++) {
        s3_request_header(&request, headers[i].name, headers[i].value);
    }
    return s3_multipart_begin(client, &request, ret_upload_id, err);
}

bool s3_multipart_upload_part(struct s3_client *client, const char *key, const char *upload_id, int number,
                              const struct s3_body *body, struct s3_part *ret_part, struct error *err) {
    char number_text[NUMBER_SIZE];
    struct s3_request request = {.method = "PUT", .key = key, .body = *body, .idempotent = true};
    snprintf(number_text, sizeof number_text, "%d", number);
    s3_request_query(&request, "partNumber", number_text);
    s3_request_query(&request, "uploadId", upload_id);
    if (!s3_request_send(client, &request, err)) {
        return false;
    }
    const char *etag = http_reply_header(&client->reply, "etag");
    struct s3_part part = {.number = number, .size = body->length};
    s3_request_copy_etag(etag != NULL ? etag : "", part.etag);
    if (part.etag[0] == '\0') {
        return error_set(err, ERROR_STORE_ERROR, "PUT: the store gave no ETag for a part");
    }
    *ret_part = part;
    return true;
}

struct part_list {
    struct s3_part *parts;
    size_t count;
    struct s3_part part; /* the one in the making */
    int64_t marker;
    bool truncated;
};

static bool add_part(struct part_list *list, struct error *err) {
    if (list->count == S3_PARTS_MAX || list->part.number <= 0) {
        return error_set(err, ERROR_STORE_ERROR, "the store listed too many parts, or one without a number");
    }
    if ((list->count & (list->count - 1)) == 0) { /* 0, 1, 2, 4, … are full */
        size_t capacity = list->count == 0 ? 1 : 2 * list->count;
        list->parts = xrealloc(list->parts, capacity * sizeof *list->parts);
    }
    list->parts[list->count++] = list->part;
    list->part = (struct s3_part){0};
    return true;
}

static bool take_part(void *context, const char *path, const char *text, struct error *err) {
    struct part_list *list = context;
    int64_t number = 0;
    if (strcmp(path, "ListPartsResult/Part/PartNumber") == 0) {
        list->part.number = parse_int64(text, 1, S3_PARTS_MAX, &number) ? (int)number : 0;
    } else if (strcmp(path, "ListPartsResult/Part/Size") == 0) {
        list->part.size = parse_int64(text, 0, INT64_MAX, &number) ? number : 0;
    } else if (strcmp(path, "ListPartsResult/Part/ETag") == 0) {
        s3_request_copy_etag(text, list->part.etag);
    } else if (strcmp(path, "ListPartsResult/Part") == 0) {
        return add_part(list, err);
    } else if (strcmp(path, "ListPartsResult/NextPartNumberMarker") == 0) {
        list->marker = parse_int64(text, 0, S3_PARTS_MAX, &number) ? number : 0;
    } else if (strcmp(path, "ListPartsResult/IsTruncated") == 0) {
        list->truncated = strcmp(text, "true") == 0;
    }
    return true;
}

static bool fetch_parts(struct s3_client *client, const char *key, const char *upload_id, struct part_list *list,
                        struct error *err) {
    char marker[NUMBER_SIZE];
    struct s3_request request = {.method = "GET", .key = key, .idempotent = true, .max_reply_bytes = LIST_BYTES};
    snprintf(marker, sizeof marker, "%lld", (long long)list->marker);
    s3_request_query(&request, "uploadId", upload_id);
    s3_request_query(&request, "part-number-marker", list->marker > 0 ? marker : NULL);
    list->truncated = false;
    return s3_request_send(client, &request, err) && parse_reply(client, take_part, list, err);
}

bool s3_multipart_list_parts(struct s3_client *client, const char *key, const char *upload_id,
                             struct s3_part **ret_parts, size_t *ret_count, struct error *err) {
    struct part_list list = {0};
    int64_t last_marker = -1;
    do {
        last_marker = list.marker;
        if (!fetch_parts(client, key, upload_id, &list, err)) {
            free(list.parts);
            return false;
        }
    } while (list.truncated && list.marker > last_marker);
    *ret_parts = list.parts;
    *ret_count = list.count;
    return true;
}

static void append_parts(struct buf *xml, const struct s3_part *parts, size_t count) {
    buf_append_text(xml, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < count; i++) {
        char etag[S3_ETAG_SIZE];
        char quoted[S3_ETAG_SIZE + 2];
        s3_request_copy_etag(parts[i].etag, etag);
        snprintf(quoted, sizeof quoted, "\"%s\"", etag);
        buf_printf(xml, "<Part><PartNumber>%d</PartNumber>", parts[i].number);
        s3_xml_append(xml, "ETag", quoted);
        buf_append_text(xml, "</Part>");
    }
    buf_append_text(xml, "</CompleteMultipartUpload>");
}

static bool take_complete_etag(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    if (strcmp(path, "CompleteMultipartUploadResult/ETag") == 0) {
        s3_request_copy_etag(text, context);
    }
    return true;
}

bool s3_multipart_complete(struct s3_client *client, const char *key, const char *upload_id,
                           const struct s3_part *parts, size_t count, bool if_none_match, struct s3_object *ret_object,
                           struct error *err) {
    struct s3_object object = {0};
    _cleanup_(buf_free) struct buf xml = {0};
    struct s3_request request = {.method = "POST", .key = key, .slow_reply = true};
    append_parts(&xml, parts, count);
    request.body = (struct s3_body){.bytes = xml.data, .length = (int64_t)xml.length};
    s3_request_query(&request, "uploadId", upload_id);
    s3_request_header(&request, "content-type", "application/xml");
    s3_request_header(&request, "if-none-match", if_none_match ? "*" : NULL);
    if (!s3_request_send(client, &request, err) || !s3_request_check_body(client, "POST", err)) {
        return false;
    }
    s3_request_read_object(&client->reply, &object);
    object.size = -1;
    if (!parse_reply(client, take_complete_etag, object.etag, err)) {
        return false;
    }
    if (object.etag[0] == '\0') {
        return error_set(err, ERROR_STORE_ERROR, "POST: the store gave no ETag for a completed upload");
    }
    if (ret_object != NULL) {
        *ret_object = object;
    }
    return true;
}

bool s3_multipart_abort(struct s3_client *client, const char *key, const char *upload_id, struct error *err) {
    struct error local = {0};
    struct s3_request request = {.method = "DELETE", .key = key, .idempotent = true};
    s3_request_query(&request, "uploadId", upload_id);
    if (s3_request_send(client, &request, &local) || local.code == ERROR_STORE_NOT_FOUND) {
        return true;
    }
    return error_set(err, local.code, "%s", local.message);
}
