/* Planes of what libvips decodes: pictures that are not JPEG. */
#ifndef SLUICE_DECODER_VIPS_PLANES_H
#define SLUICE_DECODER_VIPS_PLANES_H

#include "decoder/planar_planes.h"
#include "decoder/render.h"

/* Whether its pixels are RGB of 8 bits without transparency. */
bool vips_planes_suit(const struct render_job *job);

/* All of them, as stored, in full range; of 4:2:0 or 4:4:4. Lines are converted as they are decoded. ERROR_DECODE_FAILED. */
bool vips_planes_decode(const struct render_job *job, struct sampling sampling, struct planes *ret_planes,
                        struct error *err) MUST_CHECK;

#endif
