/* The fast renderer of the common cases: opaque pictures of 8 bits to WebP on planes, without RGB where there is none. JPEG and WebP
 * both keep BT.601 planes, chroma mostly in half the size, so that the planes of the one, resized, are those of the other; other
 * pictures are turned into planes as their lines are decoded. */
#ifndef SLUICE_DECODER_PLANAR_H
#define SLUICE_DECODER_PLANAR_H

#include "decoder/render.h"

/* Whether planar_render takes the job: all variants WebP; one picture, of 8 bits, without transparency: JPEG in YCbCr or grey, or what
 * libvips decodes to RGB and is not too large; no profile, or one of RGB. */
bool planar_suits(const struct render_job *job);

/* As render_function says. Peak memory: the planes that the largest variant is made of, and libwebp's while it encodes. */
bool planar_render(const struct render_job *job, render_sink sink, void *context, struct error *err);

#endif
