/* A picture as its three planes: Y of the picture's size, U and V of that or less, as their sampling says. */
#ifndef SLUICE_DECODER_PLANAR_PLANES_H
#define SLUICE_DECODER_PLANAR_PLANES_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLANE_Y, PLANE_U, PLANE_V, PLANE_COUNT };

struct plane {
    uint8_t *pixels; /* rows of `stride` bytes, `width` of which mean something; all of them may be read */
    int width, height;
    int stride; /* bytes, a multiple of PLANE_ALIGN */
};

enum { PLANE_ALIGN = 16 };

/* Pixels of a row, and of a column, that a sample of U and V stands for: 1, 2 or 4. */
struct sampling {
    int across, down;
};

extern const struct sampling SAMPLING_420, SAMPLING_444;

struct planes {
    int width, height; /* of Y */
    struct sampling sampling;
    struct plane plane[PLANE_COUNT];
    uint8_t *memory; /* of all three */
};

/* Zeroed planes of a picture of width × height (each at least 1), by xalloc: in the confined child, running out of memory ends
 * the process with DECODER_MEMORY. U and V have their sides rounded up. The caller frees them. */
struct planes planes_new(int width, int height, struct sampling sampling);

/* Bytes of such planes. */
int64_t planes_size(int width, int height, struct sampling sampling);

/* Swaps rows and columns of 4:2:0 planes; the result is width = from->height, height = from->width and owned by the caller. */
struct planes planes_transpose(const struct planes *from);

/* Cleanup helper: `_cleanup_(planes_free) struct planes planes = {0};` Leaves them empty. */
void planes_free(struct planes *planes);

/* Gives the planes away and leaves nothing behind. */
struct planes planes_take(struct planes *planes);

#endif
