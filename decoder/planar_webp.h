/* WebP of planes, by libwebp, without RGB in between. */
#ifndef SLUICE_DECODER_PLANAR_WEBP_H
#define SLUICE_DECODER_PLANAR_WEBP_H

#include "common/error.h"
#include "decoder/planar_planes.h"

/* The file of limited-range planes (BT.601, 16 to 235 and 16 to 240). quality 1 to 100, effort 0 (fast) to 6 (small). The
 * caller frees *ret_bytes with planar_webp_free. ERROR_DECODER_MEMORY, or ERROR_DECODE_FAILED for more than 16383 pixels. */
bool planar_webp_encode(const struct planes *planes, int quality, int effort, void **ret_bytes, size_t *ret_size,
                        struct error *err) MUST_CHECK;

void planar_webp_free(void *bytes);

/* Cleanup helper of such a pointer. */
static inline void planar_webp_freep(void **bytes) {
    planar_webp_free(*bytes);
}

#endif
