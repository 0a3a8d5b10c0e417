/* What a camera wrote into a picture, as typed fields. libexif lives here. */
#ifndef SLUICE_DECODER_EXIF_H
#define SLUICE_DECODER_EXIF_H

#include "common/picture.h"

/* Fills the fields that an EXIF block (with its "Exif\0\0", or a bare TIFF structure) has, and leaves the others as they are.
 * Values that make no sense are left out; without keep_gps nothing of the place is read. */
void exif_read(const void *bytes, size_t length, bool keep_gps, struct picture_metadata *metadata);

#endif
