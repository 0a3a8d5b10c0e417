#include "api/json_writer.h"

#include "common/encode.h"

#include <string.h>

/* Whether a byte stands for itself in a JSON string. */
static bool is_plain(unsigned char c) {
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

static void append_escaped(struct buf *out, unsigned char c) {
    switch (c) {
    case '"':
        buf_append(out, "\\\"", 2);
        return;
    case '\\':
        buf_append(out, "\\\\", 2);
        return;
    case '\n':
        buf_append(out, "\\n", 2);
        return;
    case '\r':
        buf_append(out, "\\r", 2);
        return;
    case '\t':
        buf_append(out, "\\t", 2);
        return;
    default:
        buf_printf(out, "\\u%04x", c);
    }
}

static void append_text(struct buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t run = i;
        while (run < length && is_plain((unsigned char)text[run])) {
            run++;
        }
        buf_append(out, text + i, run - i);
        if (run < length) {
            append_escaped(out, (unsigned char)text[run++]);
        }
        i = run;
    }
}

/* The same for bytes of which some are no UTF-8: those above ASCII are replaced. */
static void append_broken_text(struct buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 0x80) {
            buf_append_text(out, "\xef\xbf\xbd");
        } else {
            append_text(out, text + i, 1);
        }
    }
}

static void append_string(struct buf *out, const char *text, size_t length) {
    buf_append_char(out, '"');
    if (json_plain_prefix(text, length) == length) {
        buf_append(out, text, length);
    } else if (utf8_valid(text, length)) {
        append_text(out, text, length);
    } else {
        append_broken_text(out, text, length);
    }
    buf_append_char(out, '"');
}

static void start(struct json_writer *writer, const char *name) {
    if (writer->comma) {
        buf_append_char(writer->out, ',');
    }
    writer->comma = true;
    if (name != NULL) {
        append_string(writer->out, name, strlen(name));
        buf_append_char(writer->out, ':');
    }
}

void json_writer_open(struct json_writer *writer, const char *name, char bracket) {
    start(writer, name);
    buf_append_char(writer->out, bracket);
    writer->comma = false;
}

void json_writer_close(struct json_writer *writer, char bracket) {
    buf_append_char(writer->out, bracket);
    writer->comma = true;
}

void json_writer_text_of(struct json_writer *writer, const char *name, const char *text, size_t length) {
    start(writer, name);
    append_string(writer->out, text, length);
}

void json_writer_raw(struct json_writer *writer, const char *name, const char *json) {
    start(writer, name);
    buf_append_text(writer->out, json == NULL ? "null" : json);
}

void json_writer_text(struct json_writer *writer, const char *name, const char *text) {
    if (text == NULL) {
        json_writer_raw(writer, name, NULL);
    } else {
        json_writer_text_of(writer, name, text, strlen(text));
    }
}

void json_writer_int(struct json_writer *writer, const char *name, int64_t number) {
    start(writer, name);
    buf_append_int(writer->out, number);
}

void json_writer_bool(struct json_writer *writer, const char *name, bool value) {
    json_writer_raw(writer, name, value ? "true" : "false");
}
