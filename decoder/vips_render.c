#include "decoder/render.h"

#include "decoder/complaint.h"
#include "decoder/vips_open.h"
#include "decoder/webp.h"

#include <string.h>

enum { RGB = 3, RGBA = 4, OPAQUE = 255, AVIF_EFFORT = 2 };

/* What the next smaller picture is made of: oriented, sRGB, RGB or RGBA, 8 bits, in memory. */
struct level {
    VipsImage *image;
};

static void level_free(struct level *level) {
    vips_unrefp(&level->image);
}

bool vips_suits(const struct render_job *job) {
    return job->header.type != PICTURE_TYPE_NONE;
}

/* As vips_thumbnail does: decoded at a fraction of its size, the picture is still at least twice as large as wanted, so that
 * the good filter has the last word. The short side must not shrink to nothing: libvips rounds down, and aborts at 0. */
static int shrink_of(const struct render_job *job, int longest) {
    const struct picture_header *header = &job->header;
    int longer = header->width > header->height ? header->width : header->height;
    int shorter = header->width > header->height ? header->height : header->width;
    int shrink = 1;
    while (header->type == PICTURE_TYPE_JPEG && shrink < 8 && longer / (2 * shrink) >= 2 * longest &&
           shorter >= 2 * shrink) {
        shrink *= 2;
    }
    return shrink;
}

/* The same picture at exactly this size. */
static int resized(VipsImage *image, int width, int height, bool use_profile, VipsImage **ret_image) {
    return use_profile ? vips_thumbnail_image(image, ret_image, width, "height", height, "size", VIPS_SIZE_FORCE,
                                              "no_rotate", TRUE, "export_profile", "srgb", NULL)
                       : vips_thumbnail_image(image, ret_image, width, "height", height, "size", VIPS_SIZE_FORCE,
                                              "no_rotate", TRUE, NULL);
}

/* Everything but the pixels: what a saver does with "strip" is not the same for all of them. */
static void forget_metadata(VipsImage *image) {
    char **names = vips_image_get_fields(image);
    for (char **name = names; name != NULL && *name != NULL; name++) {
        vips_image_remove(image, *name); /* width, height and the like stay */
    }
    g_strfreev(names);
}

/* Oriented, sRGB, 8 bits, RGB or RGBA; computed and kept in memory. */
static int normal_form(VipsImage *image, VipsImage **ret_image) {
    VipsObject *scope = VIPS_OBJECT(vips_image_new());
    VipsImage **steps = (VipsImage **)vips_object_local_array(scope, 5);
    bool has_alpha = vips_image_hasalpha(image) != 0;
    int failed = vips_colourspace(image, &steps[0], VIPS_INTERPRETATION_sRGB, NULL);
    failed = failed != 0 ? failed : vips_cast(steps[0], &steps[1], VIPS_FORMAT_UCHAR, NULL);
    if (failed == 0) {
        int bands = has_alpha ? RGBA : RGB;
        failed =
            vips_image_get_bands(steps[1]) < bands ? -1 : vips_extract_band(steps[1], &steps[2], 0, "n", bands, NULL);
    }
    failed = failed != 0 ? failed : (steps[3] = vips_image_copy_memory(steps[2])) == NULL ? -1 : 0;
    failed = failed != 0 ? failed : vips_autorot(steps[3], &steps[4], NULL);
    failed = failed != 0 ? failed : (*ret_image = vips_image_copy_memory(steps[4])) == NULL ? -1 : 0;
    g_object_unref(scope);
    if (failed == 0) {
        forget_metadata(*ret_image);
    }
    return failed;
}

static bool decode(const struct render_job *job, int width, int height, int shrink, bool use_profile,
                   struct level *ret_level, struct error *err) {
    _cleanup_(vips_unrefp) VipsImage *source = NULL;
    _cleanup_(vips_unrefp) VipsImage *small = NULL;
    const struct vips_open open = {.input_fd = job->input_fd, .type = job->header.type, .shrink = shrink};
    bool is_turned = job->header.orientation >= 5;
    if (!vips_open(&open, &source, err)) {
        return false;
    }
    if (resized(source, is_turned ? height : width, is_turned ? width : height, use_profile, &small) != 0 ||
        normal_form(small, &ret_level->image) != 0) {
        return vips_failed(COMPLAINT_DAMAGED, err);
    }
    return true;
}

/* The picture's size after orientation. */
static void oriented_size(const struct render_job *job, int *ret_width, int *ret_height) {
    bool is_turned = job->header.orientation >= 5;
    *ret_width = is_turned ? job->header.height : job->header.width;
    *ret_height = is_turned ? job->header.width : job->header.height;
}

/* A profile that does not fit its picture, or is nonsense, is no reason to have no variants. */
static bool first_level(const struct render_job *job, int longest, int width, int height, struct level *ret_level,
                        struct error *err) {
    int shrink = shrink_of(job, longest);
    struct error with_profile = {0};
    if (job->header.icc != NULL && decode(job, width, height, shrink, true, ret_level, &with_profile)) {
        return true;
    }
    return decode(job, width, height, shrink, false, ret_level, err);
}

static bool next_level(struct level *level, int width, int height, struct error *err) {
    VipsImage *smaller = NULL;
    _cleanup_(vips_unrefp) VipsImage *lazy = NULL;
    if (vips_image_get_width(level->image) == width && vips_image_get_height(level->image) == height) {
        return true;
    }
    if (resized(level->image, width, height, false, &lazy) != 0 || normal_form(lazy, &smaller) != 0) {
        return vips_failed(COMPLAINT_DAMAGED, err);
    }
    level_free(level);
    level->image = smaller;
    return true;
}

static bool hand_out_webp(const struct level *level, const struct render_job *job, struct rendered *rendered,
                          render_sink sink, void *context, struct error *err) {
    void *bytes = NULL;
    const struct webp_pixels pixels = {
        .bytes = vips_image_get_data(level->image),
        .width = rendered->width,
        .height = rendered->height,
        .channels = vips_image_get_bands(level->image),
    };
    if (!webp_encode(&pixels, rendered->spec->quality, job->webp_effort, &bytes, &rendered->size, err)) {
        return false;
    }
    rendered->bytes = bytes;
    bool is_taken = sink(context, rendered, err);
    webp_free(bytes);
    return is_taken;
}

/* JPEG has no transparency: white shows through. */
static int encode(VipsImage *image, const struct variant_spec *spec, void **bytes, size_t *size) {
    if (spec->format == PICTURE_AVIF) {
        return vips_heifsave_buffer(image, bytes, size, "Q", spec->quality, "compression",
                                    VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", AVIF_EFFORT, "strip", TRUE, NULL);
    }
    VipsArrayDouble *white = vips_array_double_newv(RGB, 255.0, 255.0, 255.0);
    int failed = vips_jpegsave_buffer(image, bytes, size, "Q", spec->quality, "background", white, "optimize_coding",
                                      TRUE, "strip", TRUE, NULL);
    vips_area_unref(VIPS_AREA(white));
    return failed;
}

static void vips_freep(void *pointer) {
    g_free(*(void **)pointer);
}

static bool hand_out(const struct level *level, const struct variant_spec *spec, const struct render_job *job,
                     render_sink sink, void *context, struct error *err) {
    _cleanup_(vips_freep) void *bytes = NULL;
    struct rendered rendered = {
        .spec = spec,
        .width = vips_image_get_width(level->image),
        .height = vips_image_get_height(level->image),
    };
    if (spec->format == PICTURE_WEBP) {
        return hand_out_webp(level, job, &rendered, sink, context, err);
    }
    if (encode(level->image, spec, &bytes, &rendered.size) != 0) {
        return vips_failed(COMPLAINT_NOT_MADE, err);
    }
    rendered.bytes = bytes;
    return sink(context, &rendered, err);
}

static bool hand_out_placeholder(const struct level *level, render_sink sink, void *context, struct error *err) {
    _cleanup_(vips_unrefp) VipsImage *pixels = NULL;
    _cleanup_(vips_freep) void *bytes = NULL;
    struct rendered rendered = {
        .spec = NULL,
        .width = vips_image_get_width(level->image),
        .height = vips_image_get_height(level->image),
    };
    int failed = vips_image_hasalpha(level->image) != 0 ? vips_copy(level->image, &pixels, NULL)
                                                        : vips_bandjoin_const1(level->image, &pixels, OPAQUE, NULL);
    bytes = failed == 0 ? vips_image_write_to_memory(pixels, &rendered.size) : NULL;
    if (bytes == NULL) {
        return vips_failed(COMPLAINT_DAMAGED, err);
    }
    rendered.bytes = bytes;
    return sink(context, &rendered, err);
}

bool vips_render(const struct render_job *job, render_sink sink, void *context, struct error *err) {
    struct variant_spec placeholder = {.side_px = PLACEHOLDER_SIDE};
    _cleanup_(level_free) struct level level = {NULL};
    size_t order[VARIANTS_MAX];
    int full_width = 0;
    int full_height = 0;
    int width = 0;
    int height = 0;
    render_order(job->variants, order);
    oriented_size(job, &full_width, &full_height);
    for (size_t i = 0; i <= job->variants->count; i++) {
        const struct variant_spec *spec = i < job->variants->count ? &job->variants->specs[order[i]] : NULL;
        const struct variant_spec *size = spec != NULL ? spec : &placeholder;
        if (size->side_px < placeholder.side_px) {
            placeholder.side_px = size->side_px; /* made of this one, and not enlarged */
        }
        variant_fit(size, full_width, full_height, &width, &height);
        bool is_made = level.image == NULL ? first_level(job, size->side_px, width, height, &level, err)
                                           : next_level(&level, width, height, err);
        if (!is_made || (spec != NULL ? !hand_out(&level, spec, job, sink, context, err)
                                      : !hand_out_placeholder(&level, sink, context, err))) {
            return false;
        }
    }
    return true;
}
