#include "common/picture.h"

#include "common/encode.h"

#include <math.h>
#include <string.h>

static const char *const type_names[PICTURE_TYPE_COUNT] = {
    [PICTURE_TYPE_JPEG] = "image/jpeg", [PICTURE_TYPE_PNG] = "image/png",   [PICTURE_TYPE_GIF] = "image/gif",
    [PICTURE_TYPE_WEBP] = "image/webp", [PICTURE_TYPE_TIFF] = "image/tiff", [PICTURE_TYPE_HEIC] = "image/heic",
    [PICTURE_TYPE_AVIF] = "image/avif",
};

const char *picture_type_name(enum picture_type type) {
    return type < PICTURE_TYPE_COUNT ? type_names[type] : NULL;
}

struct signature {
    enum picture_type type;
    size_t offset;
    size_t length;
    const char *bytes;
};

static const struct signature signatures[] = {
    {PICTURE_TYPE_JPEG, 0, 3, "\xff\xd8\xff"}, {PICTURE_TYPE_PNG, 0, 8, "\x89PNG\r\n\x1a\n"},
    {PICTURE_TYPE_GIF, 0, 6, "GIF87a"},        {PICTURE_TYPE_GIF, 0, 6, "GIF89a"},
    {PICTURE_TYPE_TIFF, 0, 4, "II*\0"},        {PICTURE_TYPE_TIFF, 0, 4, "MM\0*"},
    {PICTURE_TYPE_TIFF, 0, 4, "II+\0"},        {PICTURE_TYPE_TIFF, 0, 4, "MM\0+"},
};

static bool has(const void *head, size_t length, size_t offset, const char *bytes, size_t count) {
    return length >= offset + count && memcmp((const char *)head + offset, bytes, count) == 0;
}

/* ISO/IEC 14496-12: the first box is `ftyp` with a major brand and, after its version, compatible brands. */
static enum picture_type heif_type_of(const unsigned char *head, size_t length) {
    static const char avif[][5] = {"avif", "avis"};
    static const char heic[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"};
    if (!has(head, length, 4, "ftyp", 4) || length < 16 || head[0] != 0 || head[1] != 0) {
        return PICTURE_TYPE_NONE;
    }
    size_t end = (size_t)head[2] << 8 | head[3];
    end = end < length ? end : length;
    bool is_heif = false;
    for (size_t i = 0; i < sizeof heic / sizeof heic[0]; i++) {
        is_heif = is_heif || has(head, length, 8, heic[i], 4);
    }
    for (size_t offset = 8; offset + 4 <= end; offset += offset == 8 ? 8 : 4) {
        for (size_t i = 0; i < sizeof avif / sizeof avif[0]; i++) {
            if (has(head, end, offset, avif[i], 4) && (offset == 8 || is_heif)) {
                return PICTURE_TYPE_AVIF;
            }
        }
    }
    return is_heif ? PICTURE_TYPE_HEIC : PICTURE_TYPE_NONE;
}

enum picture_type picture_type_of(const void *head, size_t length) {
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        const struct signature *signature = &signatures[i];
        if (has(head, length, signature->offset, signature->bytes, signature->length)) {
            return signature->type;
        }
    }
    if (has(head, length, 0, "RIFF", 4) && has(head, length, 8, "WEBP", 4)) {
        return PICTURE_TYPE_WEBP;
    }
    return heif_type_of(head, length);
}

static bool text_valid(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    return length < size && utf8_valid(text, length);
}

static bool within(double number, double minimum, double maximum) {
    return isfinite(number) && number >= minimum && number <= maximum;
}

bool picture_metadata_valid(const struct picture_metadata *metadata) {
    const struct picture_metadata *m = metadata;
    return text_valid(m->camera_make, sizeof m->camera_make) && text_valid(m->camera_model, sizeof m->camera_model) &&
           text_valid(m->lens, sizeof m->lens) && text_valid(m->taken_at, sizeof m->taken_at) &&
           within(m->exposure_s, 0, 86400) && within(m->aperture, 0, 1000) && m->iso >= 0 && m->iso <= 10000000 &&
           within(m->focal_length_mm, 0, 100000) && m->orientation >= 0 && m->orientation <= 8 &&
           within(m->latitude, -90, 90) && within(m->longitude, -180, 180) && within(m->altitude_m, -12000, 100000);
}
