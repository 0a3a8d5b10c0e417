/* Which smaller pictures are made of an uploaded one: SLUICE_VARIANTS as a table, and where each of them is kept. Pure. */
#ifndef SLUICE_COMMON_VARIANTS_H
#define SLUICE_COMMON_VARIANTS_H

#include "common/buf.h"
#include "common/error.h"

enum picture_format { PICTURE_WEBP, PICTURE_AVIF, PICTURE_JPEG };

enum {
    VARIANTS_MAX = 8,
    VARIANT_NAME_SIZE = 33,    /* [a-z0-9_-]{1,32} and its NUL */
    VARIANT_SIDE_MAX = 16383,  /* pixels; WebP has no more */
    VARIANT_QUALITY_MAX = 100, /* the encoders' own scale, from 1 */
};

struct variant_spec {
    char name[VARIANT_NAME_SIZE];
    int side_px; /* of the longest side; smaller pictures keep their size */
    enum picture_format format;
    int quality;
};

struct variant_table {
    struct variant_spec specs[VARIANTS_MAX];
    size_t count;
};

/* `name:side[:format[:quality]],…`, e.g. "small:240,display:2048:webp:80"; "" is an empty table. Without them the format is
 * webp and the quality the format's default. ERROR_CONFIG says which item is wrong; two of one name are. */
bool variants_parse(const char *text, struct variant_table *ret_table, struct error *err) MUST_CHECK;

/* "image/webp" */
const char *picture_format_content_type(enum picture_format format);
/* "webp" */
const char *picture_format_extension(enum picture_format format);

/* The size that a picture of width × height (after its orientation) has in this variant: the longest side is side_px, the
 * other one rounded to the nearest and at least 1; a picture that is not larger keeps its size. */
void variant_fit(const struct variant_spec *spec, int width, int height, int *ret_width, int *ret_height);

/* Appends thumbnails/{media_id}/{name}.{extension}. */
void variant_object_key(const char *media_id, const struct variant_spec *spec, struct buf *out);

#endif
