/* JSON by jansson: bounded parsing of outside bytes and typed access with errors that name the field. */
#ifndef SLUICE_COMMON_JSON_H
#define SLUICE_COMMON_JSON_H

#include "common/buf.h"
#include "common/error.h"

#include <jansson.h>
#include <stdint.h>

enum { JSON_MAX_DEPTH = 32 };

static inline void json_freep(json_t **value) {
    json_decref(*value);
}

/* Parses one JSON text (RFC 8259): UTF-8, no duplicate keys, no \u0000 in strings, at most max_depth nested containers
 * (checked before parsing, since jansson recurses and civetweb's threads have small stacks). MALFORMED_JSON. */
bool json_parse(const char *bytes, size_t length, size_t max_depth, json_t **ret_value, struct error *err) MUST_CHECK;

/* A member's text, NULL when it is absent, null, or not a string. */
const char *json_text(const json_t *object, const char *name);

/* Compact text of a value; the caller frees it. */
char *json_to_text(const json_t *value);

/* Sets object[name] to a string, or to null for NULL. Text that is not UTF-8 becomes null. */
void json_set_text(json_t *object, const char *name, const char *text);
void json_set_int(json_t *object, const char *name, int64_t number);
void json_set_bool(json_t *object, const char *name, bool value);
/* Takes the value's reference; NULL becomes null. */
void json_set(json_t *object, const char *name, json_t *value);

/* Typed reading of a request's fields. A reader collects every complaint instead of stopping at the first. */
struct json_reader {
    const json_t *object;
    json_t *complaints; /* array of {"field","message"}; NULL while there is none */
};

/* Complains when the value is no object. */
void json_reader_start(struct json_reader *reader, const json_t *value);
/* Absent or null: NULL (a complaint if required). Length in bytes within [1, max_length]; the text lives as long as
 * the JSON value. */
const char *json_read_text(struct json_reader *reader, const char *name, size_t max_length, bool required);
/* Absent or null: `absent` (a complaint if required). */
int64_t json_read_int(struct json_reader *reader, const char *name, int64_t minimum, int64_t maximum, bool required,
                      int64_t absent);
/* An array of 1 to max_items values, or NULL. */
const json_t *json_read_array(struct json_reader *reader, const char *name, size_t max_items, bool required);
void json_complain(struct json_reader *reader, const char *field, const char *format, ...) PRINTF_LIKE(3, 4);
/* True when nothing was complained of. */
bool json_reader_ok(const struct json_reader *reader);
void json_reader_free(struct json_reader *reader);

#endif
