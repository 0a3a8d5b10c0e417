/* From an uploaded picture to its variants: a table of renderers, the first one that suits the picture is taken.
 *
 * All of this runs in the confined child: it may not open a file, and its memory and time are limited.
 */
#ifndef SLUICE_DECODER_RENDER_H
#define SLUICE_DECODER_RENDER_H

#include "common/picture.h"
#include "common/variants.h"

/* What is known before the first pixel. */
struct picture_header {
    enum picture_type type;
    int width, height; /* as stored, before orientation */
    int orientation;   /* 1 to 8, as EXIF means it; 1 when the loader has applied it already */
    int64_t frames;
    const void *icc; /* the embedded profile, NULL without one */
    size_t icc_size;
};

struct render_job {
    struct picture_header header;
    int input_fd; /* the file: pread() it, or mmap() it (private, read-only) */
    int64_t input_size;
    const struct variant_table *variants; /* may be empty; the placeholder is made all the same */
    int webp_effort;                      /* 0 to 6 */
};

/* Longest side of the placeholder's pixels. */
enum { PLACEHOLDER_SIDE = 100 };

/* One result: a variant, encoded; or, with spec NULL, the pixels that the ThumbHash is made of (RGBA, 8 bits, alpha not
 * multiplied in, width × height × 4 bytes without padding, longest side at most PLACEHOLDER_SIDE, sRGB, oriented). */
struct rendered {
    const struct variant_spec *spec; /* one of job->variants->specs */
    int width, height;               /* exactly what variant_fit says of the oriented picture */
    const void *bytes;               /* only during the call */
    size_t size;
};

typedef bool (*render_sink)(void *context, const struct rendered *rendered, struct error *err);

/* Hands every variant of the job (the largest first; order of equal ones as in the table) and then the placeholder to the
 * sink. ERROR_DECODE_FAILED when the picture cannot be decoded; an error of the sink ends it. Orientation is applied, colours
 * are sRGB, nothing of the metadata is kept, transparency is kept in webp and avif and put on white in jpeg. */
typedef bool (*render_function)(const struct render_job *job, render_sink sink, void *context, struct error *err);

struct renderer {
    const char *name;
    bool (*suits)(const struct render_job *job);
    render_function render;
};

/* Ends with a NULL name; the last one suits every picture. */
extern const struct renderer renderers[];

/* libvips: every format, every colour space. */
bool vips_suits(const struct render_job *job);
bool vips_render(const struct render_job *job, render_sink sink, void *context, struct error *err);

/* The indices of the table's variants, the largest first. */
void render_order(const struct variant_table *variants, size_t ret_order[VARIANTS_MAX]);

#endif
