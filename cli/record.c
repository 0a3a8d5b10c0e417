#include "cli/record.h"

#include "cli/human.h"
#include "cli/progress.h"
#include "common/xalloc.h"

#include <string.h>

static const char *text_or(const json_t *object, const char *name, const char *fallback) {
    const char *text = json_text(object, name);
    return text != NULL ? text : fallback;
}

static bool has_status(const json_t *record, const char *status) {
    return strcmp(text_or(record, "status", ""), status) == 0;
}

bool record_is_synced(const json_t *record) {
    return has_status(record, "SYNCED");
}

bool record_is_final(const json_t *record) {
    return record_is_synced(record) || has_status(record, "FAILED") || has_status(record, "EXPIRED");
}

/* Text from outside goes to a terminal only through here. */
static void append_safe(struct buf *out, const char *text) {
    progress_label(out, text, SIZE_MAX);
}

static void append_padded(struct buf *out, const char *text, size_t width) {
    for (size_t used = progress_label(out, text, SIZE_MAX); used < width; used++) {
        buf_append_char(out, ' ');
    }
    buf_append_text(out, "  ");
}

void record_line(const json_t *record, struct buf *out) {
    char size[HUMAN_TEXT_SIZE] = "?";
    const json_t *bytes = json_object_get(record, "size");
    if (json_is_integer(bytes)) {
        human_bytes(json_integer_value(bytes), size);
    }
    append_padded(out, text_or(record, "status", "?"), 8);
    append_padded(out, text_or(record, "file_id", "?"), 36);
    append_padded(out, size, 8);
    append_padded(out, text_or(record, "detected_type", text_or(record, "content_type", "-")), 16);
    append_safe(out, text_or(record, "filename", "?"));
    const json_t *error = json_object_get(record, "error");
    if (json_is_object(error)) {
        buf_append_text(out, "  (");
        append_safe(out, text_or(error, "code", "?"));
        buf_append_text(out, ": ");
        append_safe(out, text_or(error, "message", ""));
        buf_append_text(out, ")");
    }
    buf_append_char(out, '\n');
}

static bool is_empty(const json_t *value) {
    return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

static void append_value(struct buf *out, const char *name, const json_t *value) {
    char size[HUMAN_TEXT_SIZE];
    if (json_is_string(value)) {
        append_safe(out, json_string_value(value));
        return;
    }
    _cleanup_(freep) char *text = json_to_text(value);
    append_safe(out, text);
    if (strcmp(name, "size") == 0 && json_is_integer(value)) {
        human_bytes(json_integer_value(value), size);
        buf_printf(out, " (%s)", size);
    }
}

/* One line each: `variant       small  240x160  4.1 KiB  image/webp`. */
static void append_variants(struct buf *out, const json_t *variants) {
    for (size_t i = 0; i < json_array_size(variants); i++) {
        const json_t *variant = json_array_get(variants, i);
        char size[HUMAN_TEXT_SIZE];
        human_bytes(json_integer_value(json_object_get(variant, "size")), size);
        append_padded(out, "variant", 14);
        append_padded(out, text_or(variant, "name", "?"), 8);
        _cleanup_(freep) char *shape =
            xasprintf("%lldx%lld", (long long)json_integer_value(json_object_get(variant, "width")),
                      (long long)json_integer_value(json_object_get(variant, "height")));
        append_padded(out, shape, 9);
        append_padded(out, size, 8);
        append_safe(out, text_or(variant, "content_type", "-"));
        buf_append_char(out, '\n');
    }
}

void record_fields(const json_t *record, struct buf *out) {
    const char *name = NULL;
    const json_t *value = NULL;
    json_object_foreach ((json_t *)record, name, value) {
        if (strcmp(name, "variants") == 0) {
            append_variants(out, value);
        } else if (!is_empty(value)) {
            append_padded(out, name, 14);
            append_value(out, name, value);
            buf_append_char(out, '\n');
        }
    }
}
