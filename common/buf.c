#include "common/buf.h"

#include "common/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST_CAPACITY = 128, DIGITS_MAX = sizeof "-9223372036854775808" };

char *buf_reserve(struct buf *buf, size_t length) {
    size_t needed = buf->length + length + 1;
    if (needed > buf->capacity) {
        size_t capacity = buf->capacity == 0 ? BUF_FIRST_CAPACITY : buf->capacity;
        while (capacity < needed) {
            capacity *= 2;
        }
        buf->data = xrealloc(buf->data, capacity);
        buf->capacity = capacity;
    }
    return buf->data + buf->length;
}

void buf_append(struct buf *buf, const void *bytes, size_t length) {
    char *end = buf_reserve(buf, length);
    if (length > 0) {
        memcpy(end, bytes, length);
    }
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_append_int(struct buf *buf, int64_t number) {
    char digits[DIGITS_MAX];
    char *first = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        *--first = '-';
    }
    buf_append(buf, first, (size_t)(digits + sizeof digits - first));
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        char *end = buf_reserve(buf, (size_t)length);
        vsnprintf(end, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void buf_clear(struct buf *buf) {
    buf->length = 0;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

const char *buf_text(const struct buf *buf) {
    return buf->data == NULL ? "" : buf->data;
}

char *buf_take(struct buf *buf) {
    char *text = buf->data == NULL ? xstrdup("") : buf->data;
    *buf = (struct buf){0};
    return text;
}

void buf_free(struct buf *buf) {
    free(buf->data);
    *buf = (struct buf){0};
}
