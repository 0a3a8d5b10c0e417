/* ThumbHash: a placeholder of at most 25 bytes for a picture (evanw.github.io/thumbhash). Pure. */
#ifndef SLUICE_DECODER_THUMBHASH_H
#define SLUICE_DECODER_THUMBHASH_H

#include "common/picture.h"

enum { THUMBHASH_SIDE_MAX = 100 };

/* The hash of RGBA pixels (8 bits, alpha not multiplied in); width and height from 1 to THUMBHASH_SIDE_MAX. Its length. */
size_t thumbhash_make(int width, int height, const unsigned char *rgba, unsigned char ret_hash[THUMBHASH_MAX]);

#endif
