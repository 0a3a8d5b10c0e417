#include "common/log.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/encode.h"

#include <string.h>
#include <unistd.h>

enum { USUAL_LENGTH = 500 };

static struct {
    const char *program;
    enum log_level level;
    enum log_format format;
} logger = {"sluice", LOG_INFO, LOG_LOGFMT};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_configure(const char *program, enum log_level level, enum log_format format) {
    logger.program = program;
    logger.level = level;
    logger.format = format;
}

static void append_special(struct buf *line, unsigned char c, bool is_utf8) {
    if (c == '"' || c == '\\') {
        buf_append_char(line, '\\');
        buf_append_char(line, (char)c);
    } else if (c < 0x20 || c == 0x7f) {
        buf_printf(line, "\\u%04x", c);
    } else {
        buf_append_char(line, c < 0x80 || is_utf8 ? (char)c : '?');
    }
}

/* Both formats quote alike: a JSON string, which logfmt readers take too. Bytes that are no UTF-8 become '?'. */
static void append_quoted(struct buf *line, const char *text) {
    size_t length = strlen(text);
    size_t plain = json_plain_prefix(text, length);
    bool is_utf8 = plain == length || utf8_valid(text, length);
    buf_append_char(line, '"');
    buf_append(line, text, plain);
    for (size_t i = plain; i < length; i++) {
        append_special(line, (unsigned char)text[i], is_utf8);
    }
    buf_append_char(line, '"');
}

static bool plain_word(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return false;
        }
    }
    return length > 0;
}

static void append_value(struct buf *line, const char *text) {
    size_t length = strlen(text);
    if (logger.format == LOG_LOGFMT && plain_word(text, length)) {
        buf_append(line, text, length);
    } else {
        append_quoted(line, text);
    }
}

static void append_field(struct buf *line, const struct log_field *field) {
    if (!field->is_number && field->text == NULL) {
        return;
    }
    if (logger.format == LOG_JSON) {
        buf_append_text(line, line->length > 1 ? "," : "");
        append_quoted(line, field->name);
        buf_append_char(line, ':');
    } else {
        buf_append_text(line, line->length > 0 ? " " : "");
        buf_append_text(line, field->name);
        buf_append_char(line, '=');
    }
    if (field->is_number) {
        buf_append_int(line, field->number);
    } else {
        append_value(line, field->text);
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count) {
    if (level < logger.level) {
        return;
    }
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(clock_now_ms(), time);
    const struct log_field head[] = {log_text("time", time), log_text("level", level_names[level]),
                                     log_text("program", logger.program), log_int("pid", getpid()),
                                     log_text("event", event)};
    _cleanup_(buf_free) struct buf line = {0};
    buf_reserve(&line, USUAL_LENGTH);
    if (logger.format == LOG_JSON) {
        buf_append_char(&line, '{');
    }
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        append_field(&line, &head[i]);
    }
    for (size_t i = 0; i < count; i++) {
        append_field(&line, &fields[i]);
    }
    buf_append_text(&line, logger.format == LOG_JSON ? "}\n" : "\n");
    ssize_t written = write(STDERR_FILENO, line.data, line.length);
    (void)written; /* a log that cannot be written has nowhere to say so */
}
