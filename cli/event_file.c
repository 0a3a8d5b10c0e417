#include "cli/event_file.h"

#include "common/xalloc.h"

#include <string.h>

static bool add(struct event_file *file, const char *bytes, size_t length, struct error *err) {
    struct s3_events events = {0};
    if (!s3_event_parse(bytes, length, &events, err)) {
        return false;
    }
    size_t count = events.count;
    bool understood = events.rejected == 0 || error_set(err, events.reason.code, "%s", events.reason.message);
    s3_events_free(&events);
    if (understood) {
        file->items = xrealloc(file->items, (file->count + 1) * sizeof *file->items);
        file->items[file->count++] = (struct event_text){bytes, length};
        file->events += count;
    }
    return understood;
}

static bool add_lines(struct event_file *file, const struct buf *text, struct error *err) {
    const char *end = buf_text(text) + text->length;
    size_t number = 0;
    for (const char *line = buf_text(text); line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop == NULL ? end : stop;
        size_t length = (size_t)(stop - line);
        number++;
        if (strspn(line, " \t\r") < length && !add(file, line, length, err)) {
            return error_prefix(err, "line %zu", number);
        }
        line = stop == end ? end : stop + 1;
    }
    return file->count > 0 || error_set(err, ERROR_BAD_REQUEST, "there is no notification");
}

static bool has_lines(const struct buf *text) {
    const char *first = memchr(buf_text(text), '\n', text->length);
    size_t rest = first == NULL ? 0 : text->length - (size_t)(first - buf_text(text));
    return first != NULL && strspn(first, " \t\r\n") < rest;
}

bool event_file_split(const struct buf *text, struct event_file *ret_file, struct error *err) {
    _cleanup_(event_file_free) struct event_file file = {0};
    if (text->length > EVENT_FILE_MAX_BYTES) {
        return error_set(err, ERROR_BAD_REQUEST, "the file has more than %d MiB", EVENT_FILE_MAX_BYTES >> 20);
    }
    struct error whole = {0};
    if (!add(&file, buf_text(text), text->length, &whole)) {
        if (!has_lines(text)) {
            return error_set(err, whole.code, "%s", whole.message);
        }
        if (!add_lines(&file, text, err)) {
            return false;
        }
    }
    *ret_file = file;
    file = (struct event_file){0};
    return true;
}

void event_file_free(struct event_file *file) {
    free(file->items);
    *file = (struct event_file){0};
}
