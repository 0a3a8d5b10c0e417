#include "api/header_parameters.h"

#include <ctype.h>

void header_parameter_free(struct header_parameter *parameter) {
    buf_free(&parameter->name);
    buf_free(&parameter->value);
}

static const char *skip_blanks(const char *at) {
    return at + strspn(at, " \t");
}

/* NULL when the quote is not closed. */
static const char *read_quoted(const char *at, struct buf *out) {
    while (*at != '"' && *at != '\0') {
        if (at[0] == '\\' && (at[1] == '"' || at[1] == '\\')) {
            at++;
        }
        buf_append_char(out, *at++);
    }
    return *at == '"' ? at + 1 : NULL;
}

/* NULL when there is no value, or one with a quote in its middle. */
static const char *read_plain(const char *at, struct buf *out) {
    size_t length = strcspn(at, "; \t\"");
    buf_append(out, at, length);
    return length > 0 && at[length] != '"' ? at + length : NULL;
}

static const char *read_name(const char *at, struct buf *out) {
    size_t length = strcspn(at, "=;, \t\"");
    for (size_t i = 0; i < length; i++) {
        buf_append_char(out, (char)tolower((unsigned char)at[i]));
    }
    return length > 0 && at[length] == '=' ? at + length + 1 : NULL;
}

enum header_parameter_result header_parameters_next(const char **at, struct header_parameter *ret_parameter) {
    buf_clear(&ret_parameter->name);
    buf_clear(&ret_parameter->value);
    const char *here = skip_blanks(*at);
    bool separated = *here == ';';
    here = separated ? skip_blanks(here + 1) : here;
    if (*here == '\0') {
        return HEADER_PARAMETERS_END; /* a semicolon at the end is common */
    }
    here = separated ? read_name(here, &ret_parameter->name) : NULL;
    if (here != NULL) {
        here = *here == '"' ? read_quoted(here + 1, &ret_parameter->value) : read_plain(here, &ret_parameter->value);
    }
    if (here == NULL) {
        return HEADER_PARAMETERS_BROKEN;
    }
    *at = here;
    return HEADER_PARAMETER;
}
