/* libvips, started so that it reads and writes only the formats of Sluice, and a picture's header read by it. */
#ifndef SLUICE_DECODER_VIPS_PICTURE_H
#define SLUICE_DECODER_VIPS_PICTURE_H

#include "decoder/render.h"

/* Loads the library and its modules, blocks every loader and saver but those of the table, and turns off its cache and its
 * threads. Touches no picture and starts no thread, so that the process can be forked afterwards. ERROR_INTERNAL. */
bool vips_picture_start(const char *program, struct error *err) MUST_CHECK;

/* Reads the header of a file of this type, no pixel, and its metadata. The header's profile lives as long as the process.
 * ERROR_DECODE_FAILED. */
bool vips_picture_read_header(int input_fd, enum picture_type type, bool keep_gps, struct picture_header *ret_header,
                              struct picture_metadata *ret_metadata, struct error *err) MUST_CHECK;

#endif
