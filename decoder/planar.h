/* The fast renderer of the common case: a YCbCr 4:2:0 JPEG in sRGB to WebP without RGB in between. JPEG and WebP both keep
 * BT.601 planes with chroma in half the size, so that the planes of the one, resized, are those of the other. */
#ifndef SLUICE_DECODER_PLANAR_H
#define SLUICE_DECODER_PLANAR_H

#include "decoder/render.h"

/* Whether planar_render takes the job: 8-bit YCbCr 4:2:0 JPEG, no profile or one that means sRGB, all variants WebP. */
bool planar_suits(const struct render_job *job);

/* As render_function says. Peak memory: the planes that the largest variant is made of, and libwebp's while it encodes. */
bool planar_render(const struct render_job *job, render_sink sink, void *context, struct error *err);

#endif
