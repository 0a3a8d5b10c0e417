#include "cli/asset_send.h"

#include "cli/object_send.h"
#include "cli/progress.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    ANSWER_S = 900,         /* that the server and its store may take beside the sending */
    SLOWEST_BYTES_S = 4096, /* of a line that is worth waiting for */
    POLL_FIRST_MS = 50,
    POLL_MAX_MS = 1000,
};

static bool send_once(struct api_client *api, const struct asset_file *file, const char *key, json_t **ret_reply,
                      struct error *err) {
    char boundary[ID_TEXT_SIZE];
    id_new(boundary);
    _cleanup_(file_body_free) struct file_body body = {.descriptor = file->descriptor,
                                                       .length = file->size,
                                                       .progress = file->progress,
                                                       .progress_context = file->progress_context};
    if (file->external_id != NULL) {
        file_body_add_field(&body, boundary, "external_id", file->external_id);
    }
    if (file->sha256 != NULL) {
        file_body_add_field(&body, boundary, "sha256", file->sha256);
    }
    const char *type = file->content_type != NULL ? file->content_type : "application/octet-stream";
    file_body_add_file(&body, boundary, file->filename, type);
    _cleanup_(freep) char *content_type = xasprintf("multipart/form-data; boundary=%s", boundary);
    const struct api_form form = {
        .path = "/api/v1/assets",
        .content_type = content_type,
        .idempotency_key = key,
        .body = &body,
        .seconds = ANSWER_S + file->size / SLOWEST_BYTES_S,
    };
    return api_client_post_form(api, &form, ret_reply, err);
}

bool asset_send(struct api_client *api, const struct asset_file *file, char **ret_task_id, struct error *err) {
    char key[ID_TEXT_SIZE];
    id_new(key);
    for (unsigned attempt = 0;; attempt++) {
        _cleanup_(json_freep) json_t *reply = NULL;
        if (send_once(api, file, key, &reply, err)) {
            const char *task_id = json_text(reply, "task_id");
            if (task_id == NULL || !id_valid(task_id)) {
                return error_set(err, ERROR_BAD_REQUEST, "the API named no task");
            }
            *ret_task_id = xstrdup(task_id);
            return true;
        }
        if (!object_may_retry(attempt, err)) {
            return false;
        }
    }
}

static bool has_status(const json_t *task, const char *status) {
    const char *text = json_text(task, "status");
    return text != NULL && strcmp(text, status) == 0;
}

bool asset_task_is_complete(const json_t *task) {
    return has_status(task, "complete");
}

bool asset_await(struct api_client *api, const char *task_id, int64_t deadline_ms, json_t **ret_task,
                 struct error *err) {
    _cleanup_(freep) char *path = xasprintf("/api/v1/tasks/%s", task_id);
    for (int64_t pause_ms = POLL_FIRST_MS;; pause_ms = pause_ms < POLL_MAX_MS / 2 ? 2 * pause_ms : POLL_MAX_MS) {
        _cleanup_(json_freep) json_t *task = NULL;
        struct api_call call = {.method = "GET", .path = path, .idempotent = true};
        if (!api_client_call(api, &call, &task, err)) {
            return false;
        }
        if (asset_task_is_complete(task) || has_status(task, "failed") || clock_monotonic_ms() > deadline_ms) {
            *ret_task = take_ptr(task);
            return true;
        }
        clock_sleep_ms(pause_ms);
    }
}

json_t *asset_task_unknown(const char *task_id) {
    json_t *task = json_object();
    json_set_text(task, "task_id", task_id);
    json_set_text(task, "status", "processing");
    return task;
}

/* Text from outside goes to a terminal only through progress_label. */
static void append_safe(struct buf *out, const char *text) {
    progress_label(out, text != NULL ? text : "?", SIZE_MAX);
}

void asset_task_line(const json_t *task, const char *path, struct buf *out) {
    const char *asset_id = json_text(task, "asset_id");
    append_safe(out, json_text(task, "status"));
    buf_append_text(out, "  ");
    append_safe(out, asset_id != NULL ? asset_id : json_text(task, "task_id"));
    buf_append_text(out, "  ");
    append_safe(out, path);
    if (json_is_true(json_object_get(task, "duplicate"))) {
        buf_append_text(out, "  (known already)");
    }
    const json_t *error = json_object_get(task, "error");
    if (json_is_object(error)) {
        buf_append_text(out, "  (");
        append_safe(out, json_text(error, "code"));
        buf_append_text(out, ": ");
        append_safe(out, json_text(error, "message"));
        buf_append_text(out, ")");
    }
    buf_append_char(out, '\n');
}
