#include "cli/multipart_upload.h"

#include "cli/object_send.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    MEBIBYTE = 1 << 20,
    PART_MIN_MEBIBYTES = 16,
    PARTS_MAX = 10000,
    COMPLETE_TIMEOUT_S = 600,
};

/* An upload that is open. */
struct open_upload {
    const struct multipart_upload *upload;
    const char *file_id;
    char *path;  /* /s3/multipart/{uploadId} */
    char *query; /* ?key=… */
    json_t *parts;
    int64_t part_start; /* of the part that is sent */
};

int64_t multipart_part_size(int64_t file_size) {
    int64_t needed = (file_size + PARTS_MAX - 1) / PARTS_MAX;
    int64_t mebibytes = (needed + MEBIBYTE - 1) / MEBIBYTE;
    return (mebibytes > PART_MIN_MEBIBYTES ? mebibytes : PART_MIN_MEBIBYTES) * MEBIBYTE;
}

static void open_upload_free(struct open_upload *open) {
    free(open->path);
    free(open->query);
    json_decref(open->parts);
}

static bool count_progress(void *context, int64_t sent, struct error *err) {
    const struct open_upload *open = context;
    return open->upload->progress(open->upload->progress_context, open->part_start + sent, err);
}

static bool sign_part(const struct open_upload *open, int number, json_t **ret_signed, struct error *err) {
    _cleanup_(freep) char *path = xasprintf("%s/%d%s", open->path, number, open->query);
    _cleanup_(json_freep) json_t *reply = NULL;
    struct api_call call = {.method = "GET", .path = path, .idempotent = true};
    if (!api_client_call(open->upload->api, &call, &reply, err)) {
        return false;
    }
    if (json_text(reply, "url") == NULL) {
        return error_set(err, ERROR_BAD_REQUEST, "the API signed no URL for part %d", number);
    }
    *ret_signed = take_ptr(reply);
    return true;
}

/* Sends the part once and notes its ETag. */
static bool try_part(struct open_upload *open, int number, int64_t length, struct error *err) {
    _cleanup_(json_freep) json_t *signed_part = NULL;
    if (!sign_part(open, number, &signed_part, err)) {
        return false;
    }
    _cleanup_(file_body_free) struct file_body body = {.descriptor = open->upload->descriptor,
                                                       .start = open->part_start,
                                                       .length = length,
                                                       .progress = count_progress,
                                                       .progress_context = open};
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    if (!object_send(open->upload->store, "PUT", json_text(signed_part, "url"), json_object_get(signed_part, "headers"),
                     &body, &reply, err)) {
        return false;
    }
    const char *etag = http_reply_header(&reply, "etag");
    if (etag == NULL) {
        return error_set(err, ERROR_STORE_ERROR, "the store gave no ETag for part %d", number);
    }
    json_t *part = json_object();
    json_set_int(part, "PartNumber", number);
    json_set_text(part, "ETag", etag);
    json_array_append_new(open->parts, part);
    return true;
}

static bool send_part(struct open_upload *open, int number, int64_t length, struct error *err) {
    for (unsigned attempt = 0;; attempt++) {
        if (!count_progress(open, 0, err)) {
            return false;
        }
        if (try_part(open, number, length, err)) {
            return true;
        }
        if (!object_may_retry(attempt, err)) {
            return error_prefix(err, "part %d", number);
        }
    }
}

static bool send_parts(struct open_upload *open, struct error *err) {
    int64_t size = open->upload->size;
    int64_t part_size = multipart_part_size(size);
    int number = 1;
    for (open->part_start = 0; open->part_start < size; open->part_start += part_size) {
        int64_t left = size - open->part_start;
        if (!send_part(open, number, left < part_size ? left : part_size, err)) {
            return false;
        }
        number++;
    }
    return true;
}

static bool complete(const struct open_upload *open, struct error *err) {
    _cleanup_(freep) char *path = xasprintf("%s/complete%s", open->path, open->query);
    _cleanup_(json_freep) json_t *body = json_object();
    json_set(body, "parts", json_incref(open->parts));
    struct api_call call = {
        .method = "POST", .path = path, .body = body, .idempotent = true, .timeout_s = COMPLETE_TIMEOUT_S};
    return api_client_call(open->upload->api, &call, NULL, err);
}

/* Best effort: what it cannot abort, the store's own expiry of unfinished uploads removes. */
static void abort_upload(const struct open_upload *open) {
    _cleanup_(freep) char *path = xasprintf("%s%s", open->path, open->query);
    struct api_call call = {.method = "DELETE", .path = path, .idempotent = true};
    struct error ignored = {0};
    (void)!api_client_call(open->upload->api, &call, NULL, &ignored);
}

static bool read_opened(const json_t *opened, struct open_upload *open, struct error *err) {
    const char *upload_id = json_text(opened, "uploadId");
    const char *key = json_text(opened, "key");
    open->file_id = json_text(opened, "file_id");
    if (upload_id == NULL || key == NULL || open->file_id == NULL) {
        return error_set(err, ERROR_BAD_REQUEST, "the API opened no multipart upload");
    }
    _cleanup_(buf_free) struct buf path = {0};
    _cleanup_(buf_free) struct buf query = {0};
    buf_append_text(&path, "/s3/multipart/");
    encode_uri(&path, upload_id, strlen(upload_id), false);
    buf_append_text(&query, "?key=");
    encode_uri(&query, key, strlen(key), false);
    open->path = buf_take(&path);
    open->query = buf_take(&query);
    return true;
}

bool multipart_upload_send(const struct multipart_upload *upload, char **ret_file_id, struct error *err) {
    _cleanup_(json_freep) json_t *opened = NULL;
    struct api_call call = {.method = "POST", .path = "/s3/multipart", .body = upload->request};
    if (!api_client_call(upload->api, &call, &opened, err)) {
        return false;
    }
    _cleanup_(open_upload_free) struct open_upload open = {.upload = upload, .parts = json_array()};
    if (!read_opened(opened, &open, err)) {
        return false;
    }
    if (!send_parts(&open, err) || !complete(&open, err)) {
        abort_upload(&open);
        return false;
    }
    *ret_file_id = xstrdup(open.file_id);
    return true;
}
