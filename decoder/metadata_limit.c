#include "decoder/metadata_limit.h"

#include "decoder/complaint.h"

#include <string.h>

enum {
    METADATA_BYTES_MAX = 32 << 20, /* profiles, EXIF, XMP, texts, all together */
    UNPACKED_BYTES_MAX = 64 << 20, /* what compressed ones may become */
    PNG_UNPACKED_MAX = 8000000,    /* libpng unpacks no more of a part */
    DEFLATE_FACTOR_MAX = 1032,
    SEGMENTS_MAX = 4096,     /* of JPEG */
    ENTRIES_MAX = 512,       /* of a folder of TIFF: libtiff compares each with all others */
    ALL_ENTRIES_MAX = 32768, /* 1,000 pages of 32: libtiff sorts its fields anew for each unknown one */
    FOLDERS_MAX = 4096,      /* that are looked at */
};

struct look {
    const unsigned char *bytes;
    size_t size;
    bool is_big_endian;
    bool is_cut;
    uint64_t metadata, unpacked; /* bytes */
};

static bool has(const struct look *look, uint64_t offset, uint64_t length) {
    return offset <= look->size && length <= look->size - offset;
}

/* The caller has made sure that it is there. */
static uint64_t number_at(const struct look *look, uint64_t offset, size_t length) {
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        number = number << 8 | look->bytes[offset + (look->is_big_endian ? i : length - 1 - i)];
    }
    return number;
}

static bool is_one_of(const unsigned char *name, const char *const *names) {
    for (; *names != NULL; names++) {
        if (memcmp(name, *names, 4) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_within(const struct look *look) {
    return look->metadata <= METADATA_BYTES_MAX && look->unpacked <= UNPACKED_BYTES_MAX;
}

/* Keyword, NUL, and whether the text behind is compressed. */
static bool is_plain_text(const struct look *look, uint64_t offset, uint64_t length) {
    const unsigned char *end = memchr(look->bytes + offset, '\0', length);
    return end != NULL && (uint64_t)(end - look->bytes) + 1 < offset + length && end[1] == 0;
}

static void count_png_part(struct look *look, uint64_t offset, uint64_t length) {
    static const char *const texts[] = {"tEXt", "zTXt", "iTXt", "eXIf", "iCCP", NULL};
    static const char *const packed[] = {"zTXt", "iTXt", "iCCP", NULL};
    const unsigned char *name = look->bytes + offset - 4;
    if (!is_one_of(name, texts)) {
        return;
    }
    look->metadata += length;
    bool is_plain = memcmp(name, "iTXt", 4) == 0 && is_plain_text(look, offset, length);
    if (is_one_of(name, packed) && !is_plain) {
        uint64_t most = length * DEFLATE_FACTOR_MAX;
        look->unpacked += most < PNG_UNPACKED_MAX ? most : PNG_UNPACKED_MAX;
    }
}

/* PNG specification, 5.3: length, name, content, checksum. */
static bool check_png(struct look *look) {
    uint64_t at = 8;
    look->is_big_endian = true;
    for (bool is_end = false; !is_end && is_within(look);) {
        uint64_t length = has(look, at, 12) ? number_at(look, at, 4) : look->size;
        if (!has(look, at, length + 12)) {
            look->is_cut = true;
            return true;
        }
        count_png_part(look, at + 8, length);
        is_end = memcmp(look->bytes + at + 4, "IEND", 4) == 0;
        at += length + 12;
    }
    return is_within(look);
}

/* ITU-T T.81, B.1.1: up to the first scan. */
static bool check_jpeg(struct look *look) {
    enum { TEM = 0x01, RST0 = 0xD0, SOI = 0xD8, SOS = 0xDA, COM = 0xFE, APP0 = 0xE0, APP15 = 0xEF, MARK = 0xFF };
    size_t segments = 0;
    look->is_big_endian = true;
    for (uint64_t at = 2; is_within(look) && segments <= SEGMENTS_MAX;) {
        if (!has(look, at, 4)) {
            look->is_cut = true;
            return true;
        }
        unsigned char kind = look->bytes[at + 1];
        if (kind == SOS && look->bytes[at] == MARK) {
            return true;
        }
        if (look->bytes[at] != MARK || kind == MARK) {
            at++; /* as libjpeg skips what is no marker */
            continue;
        }
        if (kind <= TEM || (kind >= RST0 && kind <= SOI)) {
            at += 2;
            continue;
        }
        uint64_t length = number_at(look, at + 2, 2);
        look->metadata += kind == COM || (kind >= APP0 && kind <= APP15) ? length : 0;
        segments++;
        at += 2 + length;
    }
    return is_within(look) && segments <= SEGMENTS_MAX;
}

/* WebP container specification: RIFF, size, WEBP, then parts of name, size and content, padded to even sizes. */
static bool check_webp(struct look *look) {
    static const char *const names[] = {"EXIF", "XMP ", "ICCP", NULL};
    uint64_t at = 12;
    look->is_cut = !has(look, 0, 12) || !has(look, 8, number_at(look, 4, 4));
    while (has(look, at, 8) && is_within(look)) {
        uint64_t length = number_at(look, at + 4, 4);
        look->metadata += is_one_of(look->bytes + at, names) ? length : 0;
        at += 8 + length + (length & 1);
    }
    return is_within(look);
}

/* TIFF 6.0, section 2, and BigTIFF with its wider numbers. */
struct tiff_widths {
    size_t offset, entry_count, entry;
};

static void count_tiff_tag(struct look *look, uint64_t entry, const struct tiff_widths *widths) {
    enum { XMP = 700, IPTC = 33723, PHOTOSHOP = 34377, PROFILE = 34675, LONG = 4 };
    uint64_t tag = number_at(look, entry, 2);
    if (tag == XMP || tag == IPTC || tag == PHOTOSHOP || tag == PROFILE) {
        uint64_t count = number_at(look, entry + 4, widths->offset);
        uint64_t most = METADATA_BYTES_MAX + 1ULL;
        uint64_t each = number_at(look, entry + 2, 2) == LONG ? 4 : 1;
        look->metadata += count < most / each ? count * each : most;
    }
}

static bool check_tiff(struct look *look) {
    enum { VERSION_BIG = 43 };
    look->is_big_endian = look->size > 0 && look->bytes[0] == 'M';
    if (!has(look, 0, 16)) {
        look->is_cut = true;
        return true;
    }
    bool is_big = number_at(look, 2, 2) == VERSION_BIG;
    const struct tiff_widths widths = is_big ? (struct tiff_widths){8, 8, 20} : (struct tiff_widths){4, 2, 12};
    uint64_t at = number_at(look, is_big ? 8 : 4, widths.offset);
    uint64_t entries = 0;
    for (int folders = 0; at != 0 && folders < FOLDERS_MAX && is_within(look); folders++) {
        uint64_t count = has(look, at, widths.entry_count) ? number_at(look, at, widths.entry_count) : 0;
        entries += count;
        if (count > ENTRIES_MAX || entries > ALL_ENTRIES_MAX) {
            return false;
        }
        uint64_t first = at + widths.entry_count;
        if (count == 0 || !has(look, first, count * widths.entry + widths.offset)) {
            look->is_cut = count != 0 || !has(look, at, widths.entry_count);
            return true;
        }
        for (uint64_t i = 0; i < count; i++) {
            count_tiff_tag(look, first + i * widths.entry, &widths);
        }
        at = number_at(look, first + count * widths.entry, widths.offset);
    }
    return is_within(look);
}

bool metadata_limit_check(const void *bytes, size_t size, enum picture_type type, bool *ret_is_cut, struct error *err) {
    struct look look = {.bytes = bytes, .size = size};
    bool is_good = true;
    switch (type) {
    case PICTURE_TYPE_PNG:
        is_good = check_png(&look);
        break;
    case PICTURE_TYPE_JPEG:
        is_good = check_jpeg(&look);
        break;
    case PICTURE_TYPE_WEBP:
        is_good = check_webp(&look);
        break;
    case PICTURE_TYPE_TIFF:
        is_good = check_tiff(&look);
        break;
    default:
        break; /* libnsgif keeps no texts; libheif has limits of its own */
    }
    *ret_is_cut = look.is_cut;
    return is_good || complaint_set(err, COMPLAINT_METADATA, NULL);
}
