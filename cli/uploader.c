#include "cli/uploader.h"

#include "cli/api_client.h"
#include "cli/asset_send.h"
#include "cli/content_type.h"
#include "cli/multipart_upload.h"
#include "cli/object_send.h"
#include "common/crypto.h"
#include "common/daemon.h"
#include "common/encode.h"
#include "common/id.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { HASH_CHUNK = 256 << 10 };

struct uploader {
    struct upload_options options;
    struct api_client *api;
    struct http_client *store;
    struct board *board;
    size_t slot;
};

/* The file at hand. */
struct source_file {
    int descriptor;
    int64_t size;
    const char *name; /* the last part of its path */
    char sha256[SHA256_HEX_SIZE];
};

struct uploader *uploader_new(const struct config *config, const struct upload_options *options, struct board *board,
                              size_t slot) {
    struct uploader *uploader = xcalloc(1, sizeof *uploader);
    uploader->options = *options;
    uploader->api = api_client_new(config->api_url, config->api_key);
    uploader->store = object_client_new(config->s3_ca_file);
    uploader->board = board;
    uploader->slot = slot;
    return uploader;
}

void uploader_free(struct uploader *uploader) {
    if (uploader != NULL) {
        api_client_free(uploader->api);
        http_client_free(uploader->store);
        free(uploader);
    }
}

static bool interrupted(struct error *err) {
    return daemon_stopping() && !error_set(err, ERROR_SHUTTING_DOWN, "interrupted");
}

static bool show_progress(void *context, int64_t sent, struct error *err) {
    const struct uploader *uploader = context;
    board_advance(uploader->board, uploader->slot, sent);
    return !interrupted(err);
}

static bool hash_file(struct source_file *file, struct error *err) {
    _cleanup_(sha256_freep) struct sha256 *hash = sha256_new();
    _cleanup_(freep) char *bytes = xmalloc(HASH_CHUNK);
    int64_t offset = 0;
    while (offset < file->size) {
        ssize_t got = pread(file->descriptor, bytes, HASH_CHUNK, offset);
        if (got <= 0) {
            return error_set(err, ERROR_CONFLICT, "cannot read the file: %s", got < 0 ? strerror(errno) : "it shrank");
        }
        if (interrupted(err)) {
            return false;
        }
        sha256_update(hash, bytes, (size_t)got);
        offset += got;
    }
    unsigned char digest[SHA256_SIZE];
    sha256_finish(hash, digest);
    encode_hex(digest, sizeof digest, file->sha256);
    return true;
}

static void close_file(struct source_file *file) {
    closep(&file->descriptor);
}

static bool open_file(const char *path, struct source_file *ret_file, struct error *err) {
    _cleanup_(close_file) struct source_file file = {.descriptor = open(path, O_RDONLY | O_CLOEXEC)};
    struct stat status = {0};
    if (file.descriptor < 0 || fstat(file.descriptor, &status) != 0) {
        return error_set(err, ERROR_NOT_FOUND, "cannot open it: %s", strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return error_set(err, ERROR_BAD_REQUEST, "not a regular file");
    }
    if (status.st_size == 0) {
        return error_set(err, ERROR_EMPTY_OBJECT, "it is empty");
    }
    const char *slash = strrchr(path, '/');
    file.name = slash == NULL ? path : slash + 1;
    file.size = status.st_size;
    if (!utf8_valid(file.name, strlen(file.name))) {
        return error_set(err, ERROR_BAD_REQUEST, "its name is not UTF-8");
    }
    *ret_file = file;
    file.descriptor = -1;
    return true;
}

/* Pictures of an album go whole. */
static bool in_parts(const struct upload_options *options, const struct source_file *file) {
    return options->album_id == NULL && (options->method == UPLOAD_MULTIPART ||
                                         (options->method == UPLOAD_AUTO && file->size >= UPLOAD_MULTIPART_FROM));
}

/* What both ways tell the API of the file; the names of the type differ. */
static json_t *describe(const struct uploader *uploader, const struct source_file *file, const char *type_name) {
    const char *content_type = uploader->options.content_type;
    json_t *description = json_object();
    json_set_text(description, "filename", file->name);
    json_set_int(description, "size", file->size);
    if (content_type == NULL) {
        content_type = content_type_of(file->name);
    }
    if (content_type != NULL) {
        json_set_text(description, type_name, content_type);
    }
    if (uploader->options.external_id != NULL) {
        json_set_text(description, "external_id", uploader->options.external_id);
    }
    if (*file->sha256 != '\0') {
        json_set_text(description, "sha256", file->sha256);
    }
    return description;
}

/* The route has no Idempotency-Key: a repeat would leave a record that nobody uploads to, until it expires. */
static bool ask_album(const struct uploader *uploader, const struct source_file *file, json_t **ret_ticket,
                      struct error *err) {
    _cleanup_(json_freep) json_t *request = describe(uploader, file, "content_type");
    _cleanup_(freep) char *path = xasprintf("/albums/%s/media/upload", uploader->options.album_id);
    struct api_call call = {.method = "POST", .path = path, .body = request};
    return api_client_call(uploader->api, &call, ret_ticket, err);
}

static bool ask_file(const struct uploader *uploader, const struct source_file *file, json_t **ret_ticket,
                     struct error *err) {
    _cleanup_(json_freep) json_t *request = describe(uploader, file, "content_type");
    json_set_text(request, "method", uploader->options.method == UPLOAD_POST ? "post" : "put");
    char idempotency_key[ID_TEXT_SIZE];
    id_new(idempotency_key);
    struct api_call call = {
        .method = "POST", .path = "/files/presigned-upload", .body = request, .idempotency_key = idempotency_key};
    return api_client_call(uploader->api, &call, ret_ticket, err);
}

static bool presign(const struct uploader *uploader, const struct source_file *file, json_t **ret_ticket,
                    struct error *err) {
    _cleanup_(json_freep) json_t *ticket = NULL;
    if (!(uploader->options.album_id != NULL ? ask_album : ask_file)(uploader, file, &ticket, err)) {
        return false;
    }
    bool known = json_is_true(json_object_get(ticket, "duplicate"));
    if (json_text(ticket, "file_id") == NULL || (!known && json_text(ticket, "upload_url") == NULL)) {
        return error_set(err, ERROR_BAD_REQUEST, "the API signed no upload");
    }
    *ret_ticket = take_ptr(ticket);
    return true;
}

static bool send_form(struct uploader *uploader, const json_t *ticket, struct file_body *body, struct error *err) {
    char boundary[ID_TEXT_SIZE];
    id_new(boundary);
    const char *name = NULL;
    const json_t *value = NULL;
    json_object_foreach (json_object_get(ticket, "form_fields"), name, value) {
        const char *text = json_string_value(value);
        file_body_add_field(body, boundary, name, text != NULL ? text : "");
    }
    file_body_end_form(body, boundary);
    _cleanup_(freep) char *content_type = xasprintf("multipart/form-data; boundary=%s", boundary);
    _cleanup_(json_freep) json_t *headers = json_object();
    json_set_text(headers, "Content-Type", content_type);
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    return object_send(uploader->store, "POST", json_text(ticket, "upload_url"), headers, body, &reply, err);
}

static bool send_file(struct uploader *uploader, const json_t *ticket, const struct source_file *file,
                      struct error *err) {
    _cleanup_(file_body_free) struct file_body body = {
        .descriptor = file->descriptor, .length = file->size, .progress = show_progress, .progress_context = uploader};
    if (uploader->options.method == UPLOAD_POST) {
        return send_form(uploader, ticket, &body, err);
    }
    _cleanup_(http_reply_free) struct http_reply reply = {0};
    return object_send(uploader->store, "PUT", json_text(ticket, "upload_url"), json_object_get(ticket, "headers"),
                       &body, &reply, err);
}

/* Only while the store is away: another answer of it will not change. A repeat that finds the object there (the store
 * refuses to replace it) lost only the answer to an earlier one; the confirmation then checks it. */
static bool send_patiently(struct uploader *uploader, const json_t *ticket, const struct source_file *file,
                           struct error *err) {
    for (unsigned attempt = 0;; attempt++) {
        if (interrupted(err)) {
            return false;
        }
        if (send_file(uploader, ticket, file, err) || (attempt > 0 && err->code == ERROR_STORE_PRECONDITION)) {
            return true;
        }
        if (err->code != ERROR_STORE_UNAVAILABLE || !object_may_retry(attempt, err)) {
            return false;
        }
    }
}

static bool confirm(const struct uploader *uploader, const char *file_id, int64_t size, struct error *err) {
    _cleanup_(json_freep) json_t *request = json_object();
    json_set_text(request, "file_id", file_id);
    json_set_int(request, "file_size", size);
    struct api_call call = {.method = "POST", .path = "/files/confirm-uploads", .body = request, .idempotent = true};
    _cleanup_(json_freep) json_t *reply = NULL;
    if (!api_client_call(uploader->api, &call, &reply, err)) {
        return false;
    }
    const char *code = json_text(json_array_get(json_object_get(reply, "results"), 0), "code");
    return code == NULL || error_set(err, error_code_of(code), "not confirmed: %s", code);
}

/* Best effort: what stays behind expires. */
static void delete_record(const struct uploader *uploader, const char *file_id) {
    _cleanup_(freep) char *path = xasprintf("/files/%s", file_id);
    struct api_call call = {.method = "DELETE", .path = path, .idempotent = true};
    struct error ignored = {0};
    (void)!api_client_call(uploader->api, &call, NULL, &ignored);
}

static bool upload_whole(struct uploader *uploader, const struct source_file *file, char **ret_file_id, bool *ret_known,
                         struct error *err) {
    _cleanup_(json_freep) json_t *ticket = NULL;
    if (!presign(uploader, file, &ticket, err)) {
        return false;
    }
    const char *file_id = json_text(ticket, "file_id");
    bool known = json_is_true(json_object_get(ticket, "duplicate"));
    if (!known && (!send_patiently(uploader, ticket, file, err) || !confirm(uploader, file_id, file->size, err))) {
        delete_record(uploader, file_id);
        return false;
    }
    *ret_file_id = xstrdup(file_id);
    *ret_known = known;
    return true;
}

static bool upload_in_parts(struct uploader *uploader, const struct source_file *file, char **ret_file_id,
                            struct error *err) {
    _cleanup_(json_freep) json_t *request = describe(uploader, file, "type");
    struct multipart_upload upload = {.api = uploader->api,
                                      .store = uploader->store,
                                      .descriptor = file->descriptor,
                                      .size = file->size,
                                      .request = request,
                                      .progress = show_progress,
                                      .progress_context = uploader};
    _cleanup_(freep) char *file_id = NULL;
    if (!multipart_upload_send(&upload, &file_id, err) || !confirm(uploader, file_id, file->size, err)) {
        return false;
    }
    *ret_file_id = take_ptr(file_id);
    return true;
}

static bool upload_asset(struct uploader *uploader, const struct source_file *file, char **ret_task_id,
                         struct error *err) {
    const char *content_type = uploader->options.content_type;
    const struct asset_file asset = {
        .descriptor = file->descriptor,
        .size = file->size,
        .filename = file->name,
        .content_type = content_type != NULL ? content_type : content_type_of(file->name),
        .external_id = uploader->options.external_id,
        .sha256 = *file->sha256 != '\0' ? file->sha256 : NULL,
        .progress = show_progress,
        .progress_context = uploader,
    };
    return asset_send(uploader->api, &asset, ret_task_id, err);
}

static bool upload(struct uploader *uploader, const char *path, char **ret_file_id, bool *ret_known,
                   struct error *err) {
    _cleanup_(close_file) struct source_file file = {.descriptor = -1};
    if (interrupted(err) || !open_file(path, &file, err)) {
        return false;
    }
    board_start(uploader->board, uploader->slot, path, file.size);
    if (uploader->options.sha256 && !hash_file(&file, err)) {
        return false;
    }
    if (uploader->options.asset) {
        return upload_asset(uploader, &file, ret_file_id, err);
    }
    return in_parts(&uploader->options, &file) ? upload_in_parts(uploader, &file, ret_file_id, err)
                                               : upload_whole(uploader, &file, ret_file_id, ret_known, err);
}

bool uploader_send(struct uploader *uploader, const char *path, char **ret_file_id, struct error *err) {
    bool known = false;
    board_start(uploader->board, uploader->slot, path, 0);
    bool done = upload(uploader, path, ret_file_id, &known, err);
    board_finish(uploader->board, uploader->slot, !done ? BOARD_FAILED : known ? BOARD_KNOWN : BOARD_SENT);
    return done;
}
