/* What colours an ICC profile means, by Little CMS: relative colorimetric. */
#ifndef SLUICE_DECODER_PLANAR_PROFILE_H
#define SLUICE_DECODER_PLANAR_PROFILE_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the profile, converted by Little CMS to sRGB (relative colorimetric), moves none of a grid of colours by more
 * than 2 of 255; what it is called does not matter. False for everything else, a broken profile among them. */
bool profile_is_srgb(const void *profile, size_t size);

/* From the colours of an RGB profile to sRGB. NULL for a profile of other than RGB, and for one that is broken. */
struct profile_change;
struct profile_change *profile_change_new(const void *profile, size_t size);
void profile_change_free(struct profile_change *change);
DEFINE_CLEANUP(struct profile_change *, profile_change)

/* In place: `count` pixels of RGB, 8 bits each. */
void profile_change_apply(const struct profile_change *change, uint8_t *pixels, size_t count);

#endif
