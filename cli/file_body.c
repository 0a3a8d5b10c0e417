#include "cli/file_body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int64_t file_body_length(const struct file_body *body) {
    return (int64_t)body->before.length + body->length + (int64_t)body->after.length;
}

static size_t copy_text(const struct buf *text, int64_t offset, void *ret_bytes, size_t capacity) {
    size_t left = text->length - (size_t)offset;
    size_t length = left < capacity ? left : capacity;
    memcpy(ret_bytes, text->data + offset, length);
    return length;
}

static bool read_file(const struct file_body *body, int64_t offset, void *ret_bytes, size_t capacity,
                      size_t *ret_length, struct error *err) {
    int64_t left = body->length - offset;
    size_t wanted = left < (int64_t)capacity ? (size_t)left : capacity;
    ssize_t got = pread(body->descriptor, ret_bytes, wanted, body->start + offset);
    if (got < 0) {
        return error_set(err, ERROR_INTERNAL, "cannot read the file: %s", strerror(errno));
    }
    if (got == 0) {
        return error_set(err, ERROR_CONFLICT, "the file became shorter while it was uploaded");
    }
    *ret_length = (size_t)got;
    return body->progress == NULL || body->progress(body->progress_context, offset + got, err);
}

bool file_body_read(void *context, int64_t offset, void *ret_bytes, size_t capacity, size_t *ret_length,
                    struct error *err) {
    const struct file_body *body = context;
    int64_t file_start = (int64_t)body->before.length;
    int64_t file_end = file_start + body->length;
    if (offset >= file_body_length(body)) {
        *ret_length = 0;
        return true;
    }
    if (offset >= file_start && offset < file_end) {
        return read_file(body, offset - file_start, ret_bytes, capacity, ret_length, err);
    }
    *ret_length = offset < file_start ? copy_text(&body->before, offset, ret_bytes, capacity)
                                      : copy_text(&body->after, offset - file_end, ret_bytes, capacity);
    return true;
}

void file_body_add_field(struct file_body *body, const char *boundary, const char *name, const char *value) {
    buf_printf(&body->before, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", boundary, name);
    buf_append_text(&body->before, value);
    buf_append_text(&body->before, "\r\n");
}

/* As the HTML standard wants it: what would end the name, or its line, is percent-encoded. */
static void append_name(struct buf *out, const char *name) {
    for (; *name != '\0'; name++) {
        if (*name == '"' || *name == '\r' || *name == '\n') {
            buf_printf(out, "%%%02X", (unsigned)*name);
        } else {
            buf_append_char(out, *name);
        }
    }
}

void file_body_add_file(struct file_body *body, const char *boundary, const char *filename, const char *content_type) {
    buf_printf(&body->before, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"", boundary);
    append_name(&body->before, filename);
    buf_printf(&body->before, "\"\r\nContent-Type: %s\r\n\r\n", content_type);
    buf_printf(&body->after, "\r\n--%s--\r\n", boundary);
}

void file_body_end_form(struct file_body *body, const char *boundary) {
    file_body_add_file(body, boundary, "file", "application/octet-stream");
}

void file_body_free(struct file_body *body) {
    buf_free(&body->before);
    buf_free(&body->after);
}
