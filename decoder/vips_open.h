/* Opening a picture with the loader of its type, and no other one. Shows libvips to the modules vips_*.c only. */
#ifndef SLUICE_DECODER_VIPS_OPEN_H
#define SLUICE_DECODER_VIPS_OPEN_H

#include "common/error.h"
#include "common/picture.h"

#include <vips/vips.h>

struct vips_open {
    int input_fd;
    enum picture_type type;
    int shrink; /* of JPEG: 1, 2, 4 or 8, to be decoded at that fraction of its size */
};

/* Reads the header; pixels come later, from the top down and once. The image keeps what it needs of the descriptor, whose offset
 * moves. ERROR_DECODE_FAILED; a file that ends early fails when its pixels are read. */
bool vips_open(const struct vips_open *open, VipsImage **ret_image, struct error *err) MUST_CHECK;

/* Fills err with `plain` (COMPLAINT_…) and what libvips complained of, empties its buffer, and returns false. */
bool vips_failed(const char *plain, struct error *err);

static inline void vips_unrefp(VipsImage **image) {
    if (*image != NULL) {
        g_object_unref(*image);
    }
}

#endif
