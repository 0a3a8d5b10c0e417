/* Whether an ICC profile means the same colours as sRGB. */
#ifndef SLUICE_DECODER_PLANAR_PROFILE_H
#define SLUICE_DECODER_PLANAR_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

/* True when the profile, converted by Little CMS to sRGB (relative colorimetric), moves none of a grid of colours by more
 * than 2 of 255; what it is called does not matter. False for everything else, a broken profile among them. */
bool profile_is_srgb(const void *profile, size_t size);

#endif
