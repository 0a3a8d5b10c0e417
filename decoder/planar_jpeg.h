/* The planes of a YCbCr or grey JPEG, baseline or progressive, of any sampling, by TurboJPEG: no RGB, and on request a half to an eighth of
 * the size by smaller inverse DCTs. */
#ifndef SLUICE_DECODER_PLANAR_JPEG_H
#define SLUICE_DECODER_PLANAR_JPEG_H

#include "common/error.h"
#include "decoder/planar_planes.h"

struct planar_jpeg;

/* Reads the header; the bytes stay where they are until planar_jpeg_free. NULL when this is no JPEG that this module
 * decodes: another colour model, a broken header. */
struct planar_jpeg *planar_jpeg_open(const void *bytes, size_t size);
void planar_jpeg_free(struct planar_jpeg *jpeg);
DEFINE_CLEANUP(struct planar_jpeg *, planar_jpeg)

/* Whether the file goes on to its end marker in at most 100 scans. What lacks its end is for libvips to judge, and more
 * scans than that are made to cost time. Bytes behind the end marker do not matter. */
bool planar_jpeg_is_whole(const void *bytes, size_t size);

/* Pixels, as stored. */
int planar_jpeg_width(const struct planar_jpeg *jpeg);
int planar_jpeg_height(const struct planar_jpeg *jpeg);

/* The planes, 1/reduction of the size rounded up, full range (JFIF, BT.601); reduction is 1, 2, 4 or 8. Damaged data are
 * decoded as far as libjpeg goes, as libvips does it too. ERROR_DECODE_FAILED. */
bool planar_jpeg_decode(struct planar_jpeg *jpeg, int reduction, struct planes *ret_planes,
                        struct error *err) MUST_CHECK;

#endif
