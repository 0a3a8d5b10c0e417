#include "common/variants.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <stdint.h>
#include <string.h>

static const struct {
    const char *name;
    const char *content_type;
    const char *extension;
    int default_quality;
} formats[] = {
    [PICTURE_WEBP] = {"webp", "image/webp", "webp", 80},
    [PICTURE_AVIF] = {"avif", "image/avif", "avif", 60},
    [PICTURE_JPEG] = {"jpeg", "image/jpeg", "jpg", 82},
};

enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

/* Cuts the text at its first `separator`; the rest, or NULL. */
static char *cut(char *text, char separator) {
    char *end = text == NULL ? NULL : strchr(text, separator);
    if (end != NULL) {
        *end++ = '\0';
    }
    return end;
}

static bool set_name(const char *name, struct variant_table *table, struct error *err) {
    size_t length = strlen(name);
    if (length == 0 || length >= VARIANT_NAME_SIZE ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != length) {
        return error_set(err, ERROR_CONFIG, "\"%.40s\" is no name of a variant: a-z, 0-9, _ and -, at most %d", name,
                         VARIANT_NAME_SIZE - 1);
    }
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->specs[i].name, name) == 0) {
            return error_set(err, ERROR_CONFIG, "there are two variants named %s", name);
        }
    }
    memcpy(table->specs[table->count].name, name, length + 1);
    return true;
}

static bool set_format(const char *name, struct variant_spec *spec, struct error *err) {
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (name == NULL || strcmp(formats[i].name, name) == 0) {
            spec->format = (enum picture_format)i;
            spec->quality = formats[i].default_quality;
            return true;
        }
    }
    return error_set(err, ERROR_CONFIG, "variant %s: \"%.20s\" is none of webp, avif, jpeg", spec->name, name);
}

static bool set_number(const char *text, int maximum, const struct variant_spec *spec, const char *what,
                       int *ret_number, struct error *err) {
    int64_t number = 0;
    if (!parse_int64(text, 1, maximum, &number)) {
        return error_set(err, ERROR_CONFIG, "variant %s: the %s must be an integer from 1 to %d", spec->name, what,
                         maximum);
    }
    *ret_number = (int)number;
    return true;
}

/* `item` is cut into its parts. */
static bool add(char *item, struct variant_table *table, struct error *err) {
    if (table->count == VARIANTS_MAX) {
        return error_set(err, ERROR_CONFIG, "there are more than %d variants", VARIANTS_MAX);
    }
    struct variant_spec *spec = &table->specs[table->count];
    char *side = cut(item, ':');
    char *format = cut(side, ':');
    char *quality = cut(format, ':');
    if (!set_name(item, table, err) || !set_number(side, VARIANT_SIDE_MAX, spec, "longest side", &spec->side_px, err) ||
        !set_format(format, spec, err)) {
        return false;
    }
    if (quality != NULL && !set_number(quality, VARIANT_QUALITY_MAX, spec, "quality", &spec->quality, err)) {
        return false;
    }
    table->count++;
    return true;
}

bool variants_parse(const char *text, struct variant_table *ret_table, struct error *err) {
    struct variant_table table = {.count = 0};
    _cleanup_(freep) char *copy = xstrdup(text);
    char *item = *copy == '\0' || strcmp(copy, "none") == 0 ? NULL : copy;
    while (item != NULL) {
        char *next = cut(item, ',');
        if (!add(item, &table, err)) {
            return false;
        }
        item = next;
    }
    *ret_table = table;
    return true;
}

const char *picture_format_content_type(enum picture_format format) {
    return formats[format].content_type;
}

const char *picture_format_extension(enum picture_format format) {
    return formats[format].extension;
}

static int scaled(int length, int numerator, int denominator) {
    int64_t rounded = ((int64_t)length * numerator * 2 + denominator) / ((int64_t)denominator * 2);
    return rounded < 1 ? 1 : (int)rounded;
}

void variant_fit(const struct variant_spec *spec, int width, int height, int *ret_width, int *ret_height) {
    int longest = width > height ? width : height;
    int side = spec->side_px < longest ? spec->side_px : longest;
    *ret_width = scaled(width, side, longest);
    *ret_height = scaled(height, side, longest);
}

void variant_object_key(const char *media_id, const struct variant_spec *spec, struct buf *out) {
    buf_printf(out, "thumbnails/%s/%s.%s", media_id, spec->name, picture_format_extension(spec->format));
}
