#include "decoder/exif_guard.h"

#include <dlfcn.h>
#include <libexif/exif-data.h>
#include <stdint.h>
#include <string.h>

/* Cameras write some hundred entries. */
enum { ENTRIES_MAX = 8192, VALUE_BYTES_MAX = 4 << 20, DEPTH_MAX = 170 /* as libexif has it */ };
enum { TAG_EXIF_FOLDER = 0x8769, TAG_GPS_FOLDER = 0x8825, TAG_INTEROP_FOLDER = 0xA005 };
enum { MARK_BYTES = 6, HEAD_BYTES = 8, ENTRY_BYTES = 12 };

struct walk {
    const unsigned char *bytes; /* from the byte order mark on, where offsets count from */
    size_t size;
    bool is_big_endian;
    int64_t entries_left, value_bytes_left;
};

static uint32_t number_at(const struct walk *walk, size_t offset, size_t bytes) {
    uint32_t number = 0;
    for (size_t i = 0; i < bytes; i++) {
        size_t place = walk->is_big_endian ? i : bytes - 1 - i;
        number = number << 8 | walk->bytes[offset + place];
    }
    return number;
}

static size_t value_bytes(uint32_t format, uint32_t count) {
    static const unsigned char sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    return format < sizeof sizes ? (size_t)sizes[format] * count : 0;
}

static bool is_folder(uint32_t tag) {
    return tag == TAG_EXIF_FOLDER || tag == TAG_GPS_FOLDER || tag == TAG_INTEROP_FOLDER;
}

static void visit_folder(struct walk *walk, size_t offset, int depth);

/* NOLINTNEXTLINE(misc-no-recursion): bounded by DEPTH_MAX */
static void visit_entry(struct walk *walk, size_t offset, int depth) {
    uint32_t value = number_at(walk, offset + 8, 4);
    walk->entries_left--;
    if (is_folder(number_at(walk, offset, 2))) {
        visit_folder(walk, value, depth + 1);
        return;
    }
    size_t length = value_bytes(number_at(walk, offset + 2, 2), number_at(walk, offset + 4, 4));
    if (length <= walk->size) { /* more than there is will not be copied */
        walk->value_bytes_left -= (int64_t)length;
    }
}

/* The number of entries that are there of those that a folder says it has. */
static size_t entries_at(const struct walk *walk, size_t offset) {
    if (walk->size < 2 || offset > walk->size - 2) {
        return 0;
    }
    size_t said = number_at(walk, offset, 2);
    size_t room = (walk->size - 2 - offset) / ENTRY_BYTES;
    return said < room ? said : room;
}

/* NOLINTNEXTLINE(misc-no-recursion): bounded by DEPTH_MAX */
static void visit_folder(struct walk *walk, size_t offset, int depth) {
    size_t entries = depth <= DEPTH_MAX ? entries_at(walk, offset) : 0;
    for (size_t i = 0; i < entries && walk->entries_left >= 0 && walk->value_bytes_left >= 0; i++) {
        visit_entry(walk, offset + 2 + i * ENTRY_BYTES, depth);
    }
}

bool exif_is_tame(const unsigned char *block, size_t size) {
    if (size < MARK_BYTES + HEAD_BYTES || memcmp(block, "Exif\0\0", MARK_BYTES) != 0) {
        return false;
    }
    struct walk walk = {.bytes = block + MARK_BYTES,
                        .size = size - MARK_BYTES,
                        .is_big_endian = block[MARK_BYTES] == 'M',
                        .entries_left = ENTRIES_MAX,
                        .value_bytes_left = VALUE_BYTES_MAX};
    size_t first = number_at(&walk, 4, 4);
    visit_folder(&walk, first, 0);
    size_t after = first < walk.size ? first + 2 + entries_at(&walk, first) * ENTRY_BYTES : walk.size;
    if (walk.size >= 4 && after <= walk.size - 4) {
        visit_folder(&walk, number_at(&walk, after, 4), 0); /* the thumbnail's */
    }
    return walk.entries_left >= 0 && walk.value_bytes_left >= 0;
}

/* Called in place of libexif's, which is the next one of this name. */
void exif_data_load_data(ExifData *data, const unsigned char *d, unsigned size) {
    static void (*load)(ExifData * data, const unsigned char *bytes, unsigned size);
    if (load == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "exif_data_load_data");
        memcpy(&load, &symbol, sizeof load);
    }
    if (load != NULL && d != NULL && exif_is_tame(d, size)) {
        load(data, d, size);
    }
}
