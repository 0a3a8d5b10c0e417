/* WebP of RGB and RGBA pixels, by libwebp itself: libvips 8.14 writes EXIF into a WebP whatever it is told. */
#ifndef SLUICE_DECODER_WEBP_H
#define SLUICE_DECODER_WEBP_H

#include "common/error.h"

#include <stddef.h>

struct webp_pixels {
    const unsigned char *bytes; /* rows from the top, 8 bits a sample, alpha not multiplied in */
    int width, height;          /* at most 16383 */
    int channels;               /* 3: RGB, 4: RGBA */
};

/* A lossy file with nothing but the picture. quality 1 to 100, effort 0 (fast) to 6 (small). The caller frees *ret_bytes with
 * webp_free. ERROR_DECODE_FAILED. */
bool webp_encode(const struct webp_pixels *pixels, int quality, int effort, void **ret_bytes, size_t *ret_size,
                 struct error *err) MUST_CHECK;

void webp_free(void *bytes);

#endif
