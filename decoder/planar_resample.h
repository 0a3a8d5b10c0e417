/* Lanczos3 on one plane of 8-bit samples, with mirroring and a change of range on the way. Pure.
 *
 * Libraries were looked at first: libvips and Pillow resample interleaved pictures, libswscale brings all of FFmpeg, libyuv
 * has box and bilinear filters, and libwebp's WebPPictureRescale is a box filter too (4 dB less on photos). None of them takes
 * the place of a sample between two pixels of luma into account, which mirrored 4:2:0 planes of odd size need.
 */
#ifndef SLUICE_DECODER_PLANAR_RESAMPLE_H
#define SLUICE_DECODER_PLANAR_RESAMPLE_H

#include "decoder/planar_planes.h"

/* How one side of a plane becomes the side of another one. Lengths are in samples of the source. */
struct resample_side {
    int from, to;  /* samples, each at least 1 */
    double extent; /* of the picture on this plane: from, or half a sample less where chroma of an odd size ends */
    double step;   /* distance of two samples of the result */
    bool mirrored; /* the first sample of the result is the last one of the source */
};

/* result = clamp(offset + source * scale, low, high) */
struct resample_range {
    double scale, offset;
    int low, high;
};

extern const struct resample_range RESAMPLE_SAME_RANGE;

/* The weights of each sample of one side. */
struct resample_weights;

/* Never NULL. `scale` is the sum of each sample's weights, at most 1.5. */
struct resample_weights *resample_weights_new(const struct resample_side *side, double scale);
void resample_weights_free(struct resample_weights *weights);
DEFINE_CLEANUP(struct resample_weights *, resample_weights)

/* How large one sample of the result can be in units of the largest of the source, scale 1: for the test that the
 * intermediate numbers have room. */
double resample_weights_gain(const struct resample_weights *weights);

/* Fills `to`, whose width and height are those of the sides. */
void resample_plane(const struct plane *from, const struct plane *to, const struct resample_side *across,
                    const struct resample_side *down, const struct resample_range *range);

#endif
