/* A picture in another size, as 4:2:0: each of its planes resampled for itself, turned and in another range on the way. */
#ifndef SLUICE_DECODER_PLANAR_RESIZE_H
#define SLUICE_DECODER_PLANAR_RESIZE_H

#include "decoder/planar_planes.h"

/* JPEG uses all 256 values (JFIF), WebP 16 to 235 for luma and 16 to 240 for chroma; both mean BT.601 and put chroma into the
 * middle of its four pixels. */
enum planes_range { RANGE_FULL, RANGE_LIMITED };

struct resize_source {
    const struct planes *planes;
    enum planes_range range;
    double width, height; /* of the picture on Y; less than the plane where a reduced DCT rounded up */
    int orientation;      /* EXIF's, 1 to 8; applied */
};

/* The picture in width × height (after its orientation), 4:2:0. The caller frees the planes. */
struct planes planes_resize(const struct resize_source *source, int width, int height, enum planes_range range);

/* Whether the orientation swaps width and height. */
bool orientation_transposes(int orientation);

#endif
