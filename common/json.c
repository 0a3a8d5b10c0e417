#include "common/json.h"

#include "common/xalloc.h"

#include <stdarg.h>
#include <string.h>

#define EXACT_MAX 9007199254740992.0 /* 2^53 */

/* Deepest nesting of containers in the bytes, looking at nothing but brackets outside of strings. */
static size_t nesting(const char *bytes, size_t length) {
    size_t depth = 0;
    size_t deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

bool json_parse(const char *bytes, size_t length, size_t max_depth, json_t **ret_value, struct error *err) {
    if (nesting(bytes, length) > max_depth) {
        return error_set(err, ERROR_MALFORMED_JSON, "nested deeper than %zu", max_depth);
    }
    json_error_t problem;
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (value == NULL) {
        return error_set(err, ERROR_MALFORMED_JSON, "line %d, column %d: %s", problem.line, problem.column,
                         problem.text);
    }
    *ret_value = value;
    return true;
}

const char *json_text(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

char *json_to_text(const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    return text == NULL ? xstrdup("null") : text;
}

void json_set(json_t *object, const char *name, json_t *value) {
    json_object_set_new(object, name, value == NULL ? json_null() : value);
}

void json_set_text(json_t *object, const char *name, const char *text) {
    json_set(object, name, text == NULL ? NULL : json_string(text));
}

void json_set_int(json_t *object, const char *name, int64_t number) {
    json_set(object, name, json_integer(number));
}

void json_set_bool(json_t *object, const char *name, bool value) {
    json_set(object, name, json_boolean(value));
}

void json_complain(struct json_reader *reader, const char *field, const char *format, ...) {
    char message[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (reader->complaints == NULL) {
        reader->complaints = json_array();
    }
    json_t *complaint = json_object();
    json_set_text(complaint, "field", field);
    json_set_text(complaint, "message", message);
    json_array_append_new(reader->complaints, complaint);
}

void json_reader_start(struct json_reader *reader, const json_t *value) {
    *reader = (struct json_reader){.object = value};
    if (!json_is_object(value)) {
        json_complain(reader, "", "must be a JSON object");
    }
}

/* The member, NULL when absent or null. */
static const json_t *member(struct json_reader *reader, const char *name, bool required) {
    const json_t *value = json_object_get(reader->object, name);
    if (value != NULL && !json_is_null(value)) {
        return value;
    }
    if (required && json_is_object(reader->object)) {
        json_complain(reader, name, "is required");
    }
    return NULL;
}

const char *json_read_text(struct json_reader *reader, const char *name, size_t max_length, bool required) {
    const json_t *value = member(reader, name, required);
    if (value == NULL) {
        return NULL;
    }
    size_t length = json_string_length(value);
    if (!json_is_string(value)) {
        json_complain(reader, name, "must be a string");
    } else if (length == 0) {
        json_complain(reader, name, "must not be empty");
    } else if (length > max_length) {
        json_complain(reader, name, "must be at most %zu bytes", max_length);
    } else {
        return json_string_value(value);
    }
    return NULL;
}

/* JSON has one kind of number (RFC 8259, section 6): 17.0 is 17. Beyond 2^53 a real may stand for its neighbour. */
static bool read_integer(const json_t *value, int64_t *ret_number) {
    double real = json_real_value(value);
    if (json_is_integer(value)) {
        *ret_number = json_integer_value(value);
        return true;
    }
    if (!json_is_real(value) || real < -EXACT_MAX || real > EXACT_MAX || real != (double)(int64_t)real) {
        return false;
    }
    *ret_number = (int64_t)real;
    return true;
}

int64_t json_read_int(struct json_reader *reader, const char *name, int64_t minimum, int64_t maximum, bool required,
                      int64_t absent) {
    const json_t *value = member(reader, name, required);
    if (value == NULL) {
        return absent;
    }
    int64_t number = 0;
    if (!read_integer(value, &number)) {
        json_complain(reader, name, "must be an integer");
        return absent;
    }
    if (number < minimum || number > maximum) {
        json_complain(reader, name, "must be between %lld and %lld", (long long)minimum, (long long)maximum);
        return absent;
    }
    return number;
}

const json_t *json_read_array(struct json_reader *reader, const char *name, size_t max_items, bool required) {
    const json_t *value = member(reader, name, required);
    if (value == NULL) {
        return NULL;
    }
    size_t size = json_array_size(value);
    if (!json_is_array(value)) {
        json_complain(reader, name, "must be an array");
    } else if (size == 0) {
        json_complain(reader, name, "must not be empty");
    } else if (size > max_items) {
        json_complain(reader, name, "must have at most %zu items", max_items);
    } else {
        return value;
    }
    return NULL;
}

bool json_reader_ok(const struct json_reader *reader) {
    return reader->complaints == NULL;
}

void json_reader_free(struct json_reader *reader) {
    json_decref(reader->complaints);
    reader->complaints = NULL;
}
