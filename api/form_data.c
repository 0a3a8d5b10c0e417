#include "api/form_data.h"

#include "api/header_parameters.h"
#include "common/xalloc.h"

#include <string.h>
#include <strings.h>

enum { PADDING_MAX = 128 }; /* blanks after a boundary */

enum form_state {
    FORM_PREAMBLE, /* before the first boundary */
    FORM_BOUNDARY, /* after a boundary, within its line */
    FORM_HEAD,
    FORM_DATA,
    FORM_EPILOGUE, /* after the closing boundary */
};

struct form_data {
    struct form_handler handler;
    char delimiter[FORM_BOUNDARY_MAX + 5]; /* CRLF, two dashes, the boundary; its only CR is the first byte */
    size_t delimiter_length;
    enum form_state state;
    size_t matched;   /* bytes of the delimiter that what was fed ends with */
    size_t ignored;   /* bytes of preamble and epilogue */
    struct buf lines; /* of the boundary's line, or of the head */
};

static bool is_boundary(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=? ";
    size_t length = strlen(text);
    return length > 0 && length <= FORM_BOUNDARY_MAX && strspn(text, allowed) == length && text[length - 1] != ' ';
}

bool form_data_boundary(const char *content_type, char ret_boundary[FORM_BOUNDARY_MAX + 1], struct error *err) {
    static const char form[] = "multipart/form-data";
    const size_t length = sizeof form - 1;
    if (content_type == NULL || strncasecmp(content_type, form, length) != 0 ||
        strchr("; \t", content_type[length]) == NULL) {
        return error_set(err, ERROR_UNSUPPORTED_MEDIA_TYPE, "the body must be multipart/form-data");
    }
    _cleanup_(header_parameter_free) struct header_parameter parameter = {0};
    const char *at = content_type + length;
    size_t found = 0;
    enum header_parameter_result result = HEADER_PARAMETERS_END;
    while ((result = header_parameters_next(&at, &parameter)) == HEADER_PARAMETER) {
        if (strcmp(buf_text(&parameter.name), "boundary") == 0) {
            bool fits = is_boundary(buf_text(&parameter.value));
            snprintf(ret_boundary, FORM_BOUNDARY_MAX + 1, "%s", fits ? buf_text(&parameter.value) : "");
            found += fits ? 1 : 2;
        }
    }
    return (result == HEADER_PARAMETERS_END && found == 1) ||
           error_set(err, ERROR_BAD_REQUEST, "the Content-Type names no boundary of 1 to %d characters",
                     FORM_BOUNDARY_MAX);
}

struct form_data *form_data_new(const char *boundary, const struct form_handler *handler) {
    struct form_data *form = xcalloc(1, sizeof *form);
    form->handler = *handler;
    snprintf(form->delimiter, sizeof form->delimiter, "\r\n--%s", boundary);
    form->delimiter_length = strlen(form->delimiter);
    form->matched = 2; /* the first boundary may stand at the very start */
    return form;
}

void form_data_free(struct form_data *form) {
    if (form != NULL) {
        buf_free(&form->lines);
        free(form);
    }
}

static bool ignore(struct form_data *form, size_t length, struct error *err) {
    form->ignored = length > FORM_IGNORED_MAX ? length : form->ignored + length;
    return form->ignored <= FORM_IGNORED_MAX ||
           error_set(err, ERROR_BAD_REQUEST, "the form has too much around its parts, or not the announced boundary");
}

/* What is no boundary. */
static bool emit(struct form_data *form, const char *bytes, size_t length, struct error *err) {
    if (length == 0) {
        return true;
    }
    return form->state == FORM_PREAMBLE ? ignore(form, length, err)
                                        : form->handler.data(form->handler.context, bytes, length, err);
}

/* The first place from which on the bytes are the delimiter, or its beginning and their own end; `end` when there is none. */
static const char *find_delimiter(const struct form_data *form, const char *bytes, const char *end) {
    const char *at = bytes;
    while (at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
        size_t length = (size_t)(end - at) < form->delimiter_length ? (size_t)(end - at) : form->delimiter_length;
        if (memcmp(at, form->delimiter, length) == 0) {
            return at;
        }
        at++;
    }
    return end;
}

static bool end_part(struct form_data *form, struct error *err) {
    bool in_part = form->state == FORM_DATA;
    form->matched = 0;
    form->state = FORM_BOUNDARY;
    buf_clear(&form->lines);
    return !in_part || form->handler.end(form->handler.context, err);
}

/* The content up to the delimiter, or all of it; *at moves behind what was taken. */
static bool take_content(struct form_data *form, const char **at, const char *end, struct error *err) {
    if (form->matched > 0) {
        while (*at < end && form->matched < form->delimiter_length && **at == form->delimiter[form->matched]) {
            form->matched++;
            (*at)++;
        }
        if (form->matched == form->delimiter_length) {
            return end_part(form, err);
        }
        if (*at == end) {
            return true;
        }
        size_t matched = form->matched; /* looked like the delimiter, and was content */
        form->matched = 0;
        if (!emit(form, form->delimiter, matched, err)) {
            return false;
        }
    }
    const char *start = *at;
    const char *found = find_delimiter(form, start, end);
    bool whole = (size_t)(end - found) >= form->delimiter_length;
    form->matched = whole ? 0 : (size_t)(end - found);
    *at = whole ? found + form->delimiter_length : end;
    return emit(form, start, (size_t)(found - start), err) && (!whole || end_part(form, err));
}

/* After a boundary: two dashes close the form; else blanks, and the end of the line. */
static bool take_boundary_line(struct form_data *form, const char **at, const char *end, struct error *err) {
    while (*at < end && form->state == FORM_BOUNDARY) {
        buf_append_char(&form->lines, *(*at)++);
        const char *line = form->lines.data;
        size_t length = form->lines.length;
        size_t blanks = strspn(line, " \t");
        if (length == 2 && memcmp(line, "--", 2) == 0) {
            form->state = FORM_EPILOGUE;
        } else if (blanks + 2 == length && memcmp(line + blanks, "\r\n", 2) == 0) {
            form->state = FORM_HEAD;
            buf_clear(&form->lines);
        } else if (length > PADDING_MAX || !(blanks == length || (length == 1 && *line == '-') ||
                                             (blanks + 1 == length && line[blanks] == '\r'))) {
            return error_set(err, ERROR_BAD_REQUEST, "a line of the form begins with the boundary and goes on");
        }
    }
    return true;
}

static bool begin_part(struct form_data *form, struct error *err) {
    _cleanup_(form_part_free) struct form_part part = {0};
    form->state = FORM_DATA;
    return form_part_read(buf_text(&form->lines), form->lines.length - 2, &part, err) &&
           form->handler.begin(form->handler.context, &part, err);
}

/* Header lines up to an empty one. */
static bool take_head(struct form_data *form, const char **at, const char *end, struct error *err) {
    while (*at < end && form->state == FORM_HEAD) {
        const char *newline = memchr(*at, '\n', (size_t)(end - *at));
        size_t length = newline == NULL ? (size_t)(end - *at) : (size_t)(newline - *at) + 1;
        if (length > FORM_HEAD_MAX - form->lines.length) {
            return error_set(err, ERROR_BAD_REQUEST, "the head of a part has more than %d bytes", FORM_HEAD_MAX);
        }
        buf_append(&form->lines, *at, length);
        *at += length;
        const char *lines = form->lines.data;
        size_t total = form->lines.length;
        bool ended = (total == 2 && memcmp(lines, "\r\n", 2) == 0) ||
                     (total >= 4 && memcmp(lines + total - 4, "\r\n\r\n", 4) == 0);
        if (ended && !begin_part(form, err)) {
            return false;
        }
    }
    return true;
}

bool form_data_feed(struct form_data *form, const void *bytes, size_t length, struct error *err) {
    const char *at = bytes;
    const char *end = length > 0 ? at + length : at;
    bool fine = true;
    while (fine && at < end) {
        switch (form->state) {
        case FORM_PREAMBLE:
        case FORM_DATA:
            fine = take_content(form, &at, end, err);
            break;
        case FORM_BOUNDARY:
            fine = take_boundary_line(form, &at, end, err);
            break;
        case FORM_HEAD:
            fine = take_head(form, &at, end, err);
            break;
        case FORM_EPILOGUE:
            fine = ignore(form, (size_t)(end - at), err);
            at = end;
            break;
        }
    }
    return fine;
}

bool form_data_end(const struct form_data *form, struct error *err) {
    return form->state == FORM_EPILOGUE ||
           error_set(err, ERROR_BAD_REQUEST, "the form ended before its closing boundary");
}
