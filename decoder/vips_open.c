#include "decoder/vips_open.h"

#include "common/cleanup.h"
#include "decoder/complaint.h"

#include <string.h>

bool vips_failed(const char *plain, struct error *err) {
    const char *words = vips_error_buffer();
    complaint_set(err, plain, words[strspn(words, "\n")] != '\0' ? words : "libvips says no more");
    vips_error_clear();
    return false;
}

static void source_unrefp(VipsSource **source) {
    if (*source != NULL) {
        g_object_unref(*source);
    }
}

#define COMMON_OPTIONS "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED

/* 0, or libvips' -1. */
static int load(VipsSource *source, const struct vips_open *open, VipsImage **image) {
    switch (open->type) {
    case PICTURE_TYPE_JPEG:
        return vips_jpegload_source(source, image, "shrink", open->shrink, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_PNG:
        return vips_pngload_source(source, image, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_GIF:
        return vips_gifload_source(source, image, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_WEBP:
        return vips_webpload_source(source, image, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_TIFF:
        return vips_tiffload_source(source, image, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_HEIC:
    case PICTURE_TYPE_AVIF:
        return vips_heifload_source(source, image, COMMON_OPTIONS, NULL);
    case PICTURE_TYPE_NONE:
    case PICTURE_TYPE_COUNT:
        break;
    }
    return -1;
}

bool vips_open(const struct vips_open *open, VipsImage **ret_image, struct error *err) {
    _cleanup_(source_unrefp) VipsSource *source = NULL;
    VipsImage *image = NULL;
    if (lseek(open->input_fd, 0, SEEK_SET) == 0) {
        source = vips_source_new_from_descriptor(open->input_fd);
    }
    if (source == NULL || load(source, open, &image) != 0) {
        vips_unrefp(&image);
        return vips_failed(COMPLAINT_NO_PICTURE, err);
    }
    *ret_image = image;
    return true;
}
