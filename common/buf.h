/* A growing byte buffer that is always NUL-terminated; the string builder of the project. Allocates by xalloc. */
#ifndef SLUICE_COMMON_BUF_H
#define SLUICE_COMMON_BUF_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char *data; /* NULL while empty and never written */
    size_t length;
    size_t capacity;
};

void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_append_int(struct buf *buf, int64_t number); /* in decimal; an answer has dozens, and printf is slow */
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Makes room for `length` more bytes and returns where they go; the caller then adds to buf->length. */
char *buf_reserve(struct buf *buf, size_t length);

/* In the header so that the length of a constant text costs nothing. */
static inline void buf_append_text(struct buf *buf, const char *text) {
    buf_append(buf, text, strlen(text));
}

static inline void buf_append_char(struct buf *buf, char character) {
    if (buf->length + 1 < buf->capacity) {
        buf->data[buf->length++] = character;
        buf->data[buf->length] = '\0';
    } else {
        buf_append(buf, &character, 1);
    }
}

/* Empties the buffer and keeps its memory. */
void buf_clear(struct buf *buf);

/* The text, "" while empty; valid until the next change. */
const char *buf_text(const struct buf *buf);

/* Gives the text away (caller frees) and leaves the buffer empty. */
char *buf_take(struct buf *buf);

void buf_free(struct buf *buf);

/* Cleanup helper: `_cleanup_(buf_free) struct buf text = {0};` */

#endif
