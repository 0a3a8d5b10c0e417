/* Writes JSON straight into a buffer, commas and escapes included: answers are made once and never changed, so that no
 * tree is built for them. Members get a name; items of arrays, and the outermost value, get NULL. */
#ifndef SLUICE_API_JSON_WRITER_H
#define SLUICE_API_JSON_WRITER_H

#include "common/buf.h"

#include <stdint.h>

struct json_writer {
    struct buf *out;
    bool comma; /* the next value follows another one */
};

static inline struct json_writer json_writer_to(struct buf *out) {
    return (struct json_writer){.out = out};
}

/* Goes on in the object or array, not an empty one, that `out` ends in, as if it had not been closed. */
static inline struct json_writer json_writer_reopen(struct buf *out) {
    out->length--;
    return (struct json_writer){.out = out, .comma = true};
}

void json_writer_open(struct json_writer *writer, const char *name, char bracket); /* '{' or '[' */
void json_writer_close(struct json_writer *writer, char bracket);                  /* '}' or ']' */

/* NULL is null. Bytes that are no UTF-8 become U+FFFD. */
void json_writer_text(struct json_writer *writer, const char *name, const char *text);
void json_writer_text_of(struct json_writer *writer, const char *name, const char *text, size_t length);
void json_writer_int(struct json_writer *writer, const char *name, int64_t number);
void json_writer_bool(struct json_writer *writer, const char *name, bool value);
/* Text that is JSON already; NULL is null. */
void json_writer_raw(struct json_writer *writer, const char *name, const char *json);

#endif
