/* A TIFF of plain RGB, which needs no library to be made; it is the structure of EXIF, too. */
#ifndef SLUICE_TESTS_UNIT_TIFF_FILE_H
#define SLUICE_TESTS_UNIT_TIFF_FILE_H

#include "common/buf.h"

#include <stdint.h>
#include <sys/mman.h>

enum { TIFF_SHORT = 3, TIFF_LONG = 4 };

static inline void put_number(struct buf *out, uint32_t number, int bytes) {
    for (int i = 0; i < bytes; i++) {
        buf_append_char(out, (char)(number >> 8 * i));
    }
}

static inline void put_entry(struct buf *out, uint32_t tag, uint32_t type, uint32_t count, uint32_t value) {
    put_number(out, tag, 2);
    put_number(out, type, 2);
    put_number(out, count, 4);
    put_number(out, value, 4); /* little-endian: a SHORT lies in the first two bytes */
}

/* Pixels are (x, y, x + y) mod 256. `tail` follows the picture. */
static inline void make_tiff(struct buf *out, uint32_t width, uint32_t height, uint32_t orientation, const char *tail) {
    enum { ENTRIES = 10, HEAD = 8, FOLDER = 2 + ENTRIES * 12 + 4, BITS = 6 };
    buf_append(out, "II*\0\x08\0\0\0", HEAD);
    put_number(out, ENTRIES, 2);
    put_entry(out, 256, TIFF_LONG, 1, width);
    put_entry(out, 257, TIFF_LONG, 1, height);
    put_entry(out, 258, TIFF_SHORT, 3, HEAD + FOLDER);
    put_entry(out, 259, TIFF_SHORT, 1, 1);
    put_entry(out, 262, TIFF_SHORT, 1, 2);
    put_entry(out, 273, TIFF_LONG, 1, HEAD + FOLDER + BITS);
    put_entry(out, 274, TIFF_SHORT, 1, orientation);
    put_entry(out, 277, TIFF_SHORT, 1, 3);
    put_entry(out, 278, TIFF_LONG, 1, height);
    put_entry(out, 279, TIFF_LONG, 1, width * height * 3);
    put_number(out, 0, 4);
    buf_append(out, "\x08\0\x08\0\x08\0", BITS);
    for (uint32_t i = 0; i < width * height; i++) {
        uint32_t x = i % width;
        uint32_t y = i / width;
        put_number(out, (x & 255) | (y & 255) << 8 | ((x + y) & 255) << 16, 3);
    }
    buf_append_text(out, tail);
}

/* A memfd with these bytes. */
static inline int file_of(const struct buf *bytes) {
    int file = memfd_create("picture", MFD_CLOEXEC);
    if (write(file, bytes->data, bytes->length) != (ssize_t)bytes->length) {
        abort();
    }
    return file;
}

#endif
