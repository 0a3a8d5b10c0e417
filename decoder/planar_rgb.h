/* Between full-range planes (JFIF, BT.601) and interleaved pixels, by TurboJPEG. */
#ifndef SLUICE_DECODER_PLANAR_RGB_H
#define SLUICE_DECODER_PLANAR_RGB_H

#include "common/error.h"
#include "decoder/planar_planes.h"

enum { RGB_CHANNELS = 3, RGBA_CHANNELS = 4 };

/* The pixels of 4:2:0 planes: `channels` bytes each, rows without padding. */
bool planar_rgb_of(const struct planes *planes, int channels, uint8_t *ret_pixels, struct error *err) MUST_CHECK;

/* Fills planes of 4:2:0 or 4:4:4 from the top down. */
struct planar_rgb;
struct planar_rgb *planar_rgb_new(struct planes *planes);
void planar_rgb_free(struct planar_rgb *rgb);
DEFINE_CLEANUP(struct planar_rgb *, planar_rgb)

/* The next rows of RGB; an even number of them, but for the last ones. */
bool planar_rgb_add(struct planar_rgb *rgb, const uint8_t *pixels, size_t stride, int rows,
                    struct error *err) MUST_CHECK;

#endif
