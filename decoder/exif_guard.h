/* What libexif is given to read.
 *
 * Folders of EXIF may point at each other, and libexif follows them: a block of a few KB can keep it busy for years. libvips hands
 * every block to it when it opens a picture, and has no switch for that. So exif_guard.c takes the place of
 * exif_data_load_data, for libvips as for us: a block that is not tame is not read, as if the picture had none. */
#ifndef SLUICE_DECODER_EXIF_GUARD_H
#define SLUICE_DECODER_EXIF_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Pure: whether reading the block, which starts with "Exif\0\0", takes a bounded amount of work and memory. Counts what libexif
 * would visit at most. */
bool exif_is_tame(const unsigned char *block, size_t size);

#endif
