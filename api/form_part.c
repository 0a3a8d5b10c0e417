#include "api/form_part.h"

#include "api/header_parameters.h"
#include "common/encode.h"

#include <string.h>
#include <strings.h>

void form_part_free(struct form_part *part) {
    buf_free(&part->name);
    buf_free(&part->filename);
}

/* What was seen of a part's head so far. */
struct head {
    struct form_part *part;
    bool has_disposition, has_type, has_name, has_plain, has_extended;
};

/* Browsers write a quote as %22, and nothing else is decoded: a percent sign stands for itself. */
static void append_name(struct buf *out, const struct buf *value) {
    const char *text = buf_text(value);
    const char *quote = NULL;
    while ((quote = strstr(text, "%22")) != NULL) {
        buf_append(out, text, (size_t)(quote - text));
        buf_append_char(out, '"');
        text = quote + 3;
    }
    buf_append_text(out, text);
}

static bool take_name(struct head *head, const struct buf *value) {
    if (head->has_name) {
        return false;
    }
    head->has_name = true;
    append_name(&head->part->name, value);
    return utf8_valid(buf_text(&head->part->name), head->part->name.length);
}

static bool take_filename(struct head *head, const struct buf *value) {
    if (head->has_plain || !utf8_valid(buf_text(value), value->length)) {
        return false;
    }
    head->has_plain = true;
    if (!head->has_extended) { /* it says the same, better */
        append_name(&head->part->filename, value);
    }
    return true;
}

/* RFC 8187: UTF-8'language'percent-encoded. */
static bool take_extended(struct head *head, const struct buf *value) {
    const char *text = buf_text(value);
    const char *quote = strchr(text, '\'');
    quote = quote == NULL ? NULL : strchr(quote + 1, '\'');
    if (head->has_extended || quote == NULL || strncasecmp(text, "UTF-8'", 6) != 0) {
        return false;
    }
    struct buf *filename = &head->part->filename;
    head->has_extended = true;
    buf_clear(filename);
    return decode_uri(quote + 1, strlen(quote + 1), false, filename) &&
           utf8_valid(buf_text(filename), filename->length);
}

static bool take_parameter(struct head *head, const struct header_parameter *parameter) {
    const char *name = buf_text(&parameter->name);
    if (strcmp(name, "name") == 0) {
        return take_name(head, &parameter->value);
    }
    if (strcmp(name, "filename") == 0) {
        return take_filename(head, &parameter->value);
    }
    return strcmp(name, "filename*") != 0 || take_extended(head, &parameter->value);
}

static bool read_disposition(struct head *head, const char *value, struct error *err) {
    static const char form_data[] = "form-data";
    const size_t length = sizeof form_data - 1;
    if (head->has_disposition || strncasecmp(value, form_data, length) != 0) {
        return error_set(err, ERROR_BAD_REQUEST, "a part's Content-Disposition is given twice, or is not form-data");
    }
    head->has_disposition = true;
    _cleanup_(header_parameter_free) struct header_parameter parameter = {0};
    const char *at = value + length;
    enum header_parameter_result result = HEADER_PARAMETERS_END;
    while ((result = header_parameters_next(&at, &parameter)) == HEADER_PARAMETER) {
        if (!take_parameter(head, &parameter)) {
            return error_set(err, ERROR_BAD_REQUEST, "a part's name or file name is given twice, or is not UTF-8");
        }
    }
    head->part->has_filename = head->has_plain || head->has_extended;
    return result == HEADER_PARAMETERS_END ||
           error_set(err, ERROR_BAD_REQUEST, "a part's Content-Disposition is malformed");
}

static bool read_encoding(const char *value, struct error *err) {
    static const char *const as_is[] = {"binary", "8bit", "7bit"};
    for (size_t i = 0; i < sizeof as_is / sizeof as_is[0]; i++) {
        if (strcasecmp(value, as_is[i]) == 0) {
            return true;
        }
    }
    return error_set(err, ERROR_BAD_REQUEST, "a part's Content-Transfer-Encoding is none that forms have");
}

static bool read_type(struct head *head, const char *value, struct error *err) {
    if (head->has_type || (*value != '\0' && !media_type_normalize(value, head->part->content_type))) {
        return error_set(err, ERROR_BAD_REQUEST, "a part's Content-Type is given twice, or is none");
    }
    head->has_type = true;
    return true;
}

/* `line` without its end. */
static bool read_line(struct head *head, char *line, struct error *err) {
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line || strcspn(line, " \t") < (size_t)(colon - line)) {
        return error_set(err, ERROR_BAD_REQUEST, "a line of a part's head is no header");
    }
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (size_t end = strlen(value); end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'); end--) {
        value[end - 1] = '\0';
    }
    if (strcasecmp(line, "Content-Disposition") == 0) {
        return read_disposition(head, value, err);
    }
    if (strcasecmp(line, "Content-Type") == 0) {
        return read_type(head, value, err);
    }
    return strcasecmp(line, "Content-Transfer-Encoding") != 0 || read_encoding(value, err);
}

static bool has_control(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return true;
        }
    }
    return false;
}

bool form_part_read(const char *lines, size_t length, struct form_part *ret_part, struct error *err) {
    _cleanup_(form_part_free) struct form_part part = {0};
    _cleanup_(buf_free) struct buf line = {0};
    struct head head = {.part = &part};
    for (size_t at = 0; at < length;) {
        const char *end = memmem(lines + at, length - at, "\r\n", 2);
        size_t line_length = end == NULL ? length - at : (size_t)(end - lines) - at;
        if (end == NULL || has_control(lines + at, line_length)) {
            return error_set(err, ERROR_BAD_REQUEST, "a part's head has control characters, or lines without CRLF");
        }
        buf_clear(&line);
        buf_append(&line, lines + at, line_length);
        if (!read_line(&head, line.data, err)) {
            return false;
        }
        at += line_length + 2;
    }
    if (!head.has_name) {
        return error_set(err, ERROR_BAD_REQUEST, "a part has no Content-Disposition with a name");
    }
    *ret_part = part;
    part = (struct form_part){0};
    return true;
}
