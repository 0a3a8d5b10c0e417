#include "common/db.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* Too many parameters are a mistake in the program that no caller can handle. */
static void start_value(struct db_params *params, bool is_null) {
    if (params->count == DB_MAX_PARAMS) {
        abort();
    }
    params->is_null[params->count] = is_null;
    params->offsets[params->count] = params->values.length;
    params->count++;
}

static void end_value(struct db_params *params) {
    buf_append_char(&params->values, '\0');
}

static void append_hex(struct buf *values, const void *bytes, size_t length) {
    char *end = buf_reserve(values, 2 * length);
    encode_hex(bytes, length, end);
    values->length += 2 * length;
}

void db_param_text(struct db_params *params, const char *text) {
    start_value(params, text == NULL);
    buf_append_text(&params->values, text == NULL ? "" : text);
    end_value(params);
}

void db_param_int(struct db_params *params, int64_t number) {
    start_value(params, false);
    buf_append_int(&params->values, number);
    end_value(params);
}

void db_param_bool(struct db_params *params, bool value) {
    db_param_text(params, value ? "t" : "f");
}

void db_param_bytes(struct db_params *params, const void *bytes, size_t length) {
    start_value(params, bytes == NULL);
    if (bytes != NULL) {
        buf_append_text(&params->values, "\\x");
        append_hex(&params->values, bytes, length);
    }
    end_value(params);
}

void db_array_start(struct db_params *params) {
    start_value(params, false);
    buf_append_char(&params->values, '{');
}

/* No element ends with a bare brace, so that a brace at the end means the array is still empty. */
static void separate(struct buf *values) {
    if (values->data[values->length - 1] != '{') {
        buf_append_char(values, ',');
    }
}

/* Array elements in quotes take a backslash before quotes and backslashes; nothing else is special there (Postgres manual,
 * 8.15.6). */
void db_array_add_text(struct db_params *params, const char *text) {
    struct buf *values = &params->values;
    separate(values);
    if (text == NULL) {
        buf_append_text(values, "NULL");
        return;
    }
    buf_append_char(values, '"');
    for (const char *rest = text; *rest != '\0';) {
        size_t plain = strcspn(rest, "\"\\");
        buf_append(values, rest, plain);
        rest += plain;
        if (*rest != '\0') {
            buf_append_char(values, '\\');
            buf_append_char(values, *rest++);
        }
    }
    buf_append_char(values, '"');
}

void db_array_add_int(struct db_params *params, int64_t number) {
    separate(&params->values);
    buf_append_int(&params->values, number);
}

void db_array_add_bytes(struct db_params *params, const void *bytes, size_t length) {
    if (bytes == NULL) {
        db_array_add_text(params, NULL);
        return;
    }
    separate(&params->values);
    buf_append_text(&params->values, "\"\\\\x");
    append_hex(&params->values, bytes, length);
    buf_append_char(&params->values, '"');
}

void db_array_end(struct db_params *params) {
    buf_append_char(&params->values, '}');
    end_value(params);
}

void db_params_free(struct db_params *params) {
    buf_free(&params->values);
    *params = (struct db_params){0};
}
