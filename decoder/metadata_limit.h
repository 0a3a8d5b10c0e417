/* A look at a picture's parts before a library gets it: how much there is beside the pixels, and whether the file is whole.
 *
 * Libraries unpack texts and profiles, keep segments and compare tags with each other before anybody can ask how large the
 * picture is. What that may cost is limited here, by the parts' headers alone. */
#ifndef SLUICE_DECODER_METADATA_LIMIT_H
#define SLUICE_DECODER_METADATA_LIMIT_H

#include "common/error.h"
#include "common/picture.h"

#include <stdint.h>

/* Pure. False: there is more than is read (DECODE_FAILED). *ret_is_cut: the file is shorter than its parts say; always false
 * where that cannot be told. */
bool metadata_limit_check(const void *bytes, size_t size, enum picture_type type, bool *ret_is_cut,
                          struct error *err) MUST_CHECK;

#endif
