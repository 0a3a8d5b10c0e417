#include "decoder/vips_planes.h"

#include "decoder/complaint.h"
#include "decoder/planar_rgb.h"
#include "decoder/vips_open.h"

enum { ROWS = 16 }; /* at a time: even, and a row of a heif's tiles or a tiff's strips takes several */

static bool open_image(const struct render_job *job, VipsImage **ret_image, struct error *err) {
    const struct vips_open open = {.input_fd = job->input_fd, .type = job->header.type, .shrink = 1};
    return vips_open(&open, ret_image, err);
}

static bool is_plain_rgb(VipsImage *image) {
    VipsInterpretation meaning = vips_image_get_interpretation(image);
    return vips_image_get_format(image) == VIPS_FORMAT_UCHAR && vips_image_get_bands(image) == RGB_CHANNELS &&
           vips_image_get_coding(image) == VIPS_CODING_NONE &&
           (meaning == VIPS_INTERPRETATION_sRGB || meaning == VIPS_INTERPRETATION_RGB);
}

bool vips_planes_suit(const struct render_job *job) {
    _cleanup_(vips_unrefp) VipsImage *image = NULL;
    struct error ignored = {0};
    return open_image(job, &image, &ignored) && is_plain_rgb(image) &&
           vips_image_get_width(image) == job->header.width && vips_image_get_height(image) == job->header.height;
}

static void region_unrefp(VipsRegion **region) {
    if (*region != NULL) {
        g_object_unref(*region);
    }
}

/* As VIPS_REGION_ADDR, whose arithmetic mixes signs. */
static const uint8_t *first_row(const VipsRegion *region, int top) {
    return region->data + (ptrdiff_t)(top - region->valid.top) * region->bpl -
           (ptrdiff_t)region->valid.left * RGB_CHANNELS;
}

bool vips_planes_decode(const struct render_job *job, struct sampling sampling, struct planes *ret_planes,
                        struct error *err) {
    _cleanup_(vips_unrefp) VipsImage *image = NULL;
    if (!open_image(job, &image, err)) {
        return false;
    }
    if (!is_plain_rgb(image)) {
        return complaint_set(err, COMPLAINT_NO_PICTURE, "not RGB of 8 bits");
    }
    int width = vips_image_get_width(image);
    int height = vips_image_get_height(image);
    _cleanup_(planes_free) struct planes planes = planes_new(width, height, sampling);
    _cleanup_(planar_rgb_freep) struct planar_rgb *rgb = planar_rgb_new(&planes);
    _cleanup_(region_unrefp) VipsRegion *region = vips_region_new(image);
    for (int top = 0; top < height; top += ROWS) {
        VipsRect rows = {.left = 0, .top = top, .width = width, .height = height - top < ROWS ? height - top : ROWS};
        if (region == NULL || vips_region_prepare(region, &rows) != 0) {
            return vips_failed(COMPLAINT_DAMAGED, err);
        }
        if (!planar_rgb_add(rgb, first_row(region, top), (size_t)region->bpl, rows.height, err)) {
            return false;
        }
    }
    *ret_planes = planes_take(&planes);
    return true;
}
