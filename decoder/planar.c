#include "decoder/planar.h"

#include "common/xalloc.h"
#include "decoder/complaint.h"
#include "decoder/input_map.h"
#include "decoder/planar_jpeg.h"
#include "decoder/planar_profile.h"
#include "decoder/planar_resize.h"
#include "decoder/planar_rgb.h"
#include "decoder/planar_webp.h"
#include "decoder/vips_planes.h"

#include <math.h>

enum { REDUCTION_MAX = 8, LINES_PLANES_MAX = 40 << 20 };

static bool all_webp(const struct variant_table *variants) {
    for (size_t index = 0; index < variants->count; index++) {
        if (variants->specs[index].format != PICTURE_WEBP) {
            return false;
        }
    }
    return true;
}

static bool jpeg_suits(const struct render_job *job) {
    const struct picture_header *header = &job->header;
    _cleanup_(input_map_close) struct input_map input = {0};
    if (!input_map_open(job->input_fd, job->input_size, &input)) {
        return false;
    }
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = planar_jpeg_open(input.bytes, input.size);
    return jpeg != NULL && planar_jpeg_is_whole(input.bytes, input.size) && planar_jpeg_width(jpeg) == header->width &&
           planar_jpeg_height(jpeg) == header->height;
}

/* The largest variant's share of the picture's side. */
static double share_of(const struct render_job *job, const struct variant_spec *largest) {
    int width = 0;
    int height = 0;
    variant_fit(largest, job->header.width, job->header.height, &width, &height);
    return fmax((double)width / job->header.width, (double)height / job->header.height);
}

/* Chroma in half the size is all that the variants show of it, when they are clearly smaller than the picture. */
static struct sampling lines_sampling(const struct render_job *job) {
    static const double clearly_smaller = 1 / 1.5;
    size_t order[VARIANTS_MAX];
    render_order(job->variants, order);
    bool has_variants = job->variants->count > 0;
    return has_variants && share_of(job, &job->variants->specs[order[0]]) > clearly_smaller ? SAMPLING_444
                                                                                            : SAMPLING_420;
}

static bool lines_suit(const struct render_job *job) {
    return planes_size(job->header.width, job->header.height, lines_sampling(job)) <= LINES_PLANES_MAX &&
           vips_planes_suit(job);
}

/* How the colours become sRGB: NULL when they are. False when they cannot. */
static bool find_change(const struct picture_header *header, struct profile_change **ret_change) {
    *ret_change = NULL;
    if (header->icc == NULL || profile_is_srgb(header->icc, header->icc_size)) {
        return true;
    }
    *ret_change = profile_change_new(header->icc, header->icc_size);
    return *ret_change != NULL;
}

static bool colours_suit(const struct picture_header *header) {
    _cleanup_(profile_change_freep) struct profile_change *change = NULL;
    return find_change(header, &change);
}

bool planar_suits(const struct render_job *job) {
    const struct picture_header *header = &job->header;
    return header->frames <= 1 && all_webp(job->variants) &&
           (header->type == PICTURE_TYPE_JPEG ? jpeg_suits(job) : lines_suit(job)) && colours_suit(header);
}

/* The oriented picture on its way down: planes that every smaller variant can be made of. */
struct cascade {
    const struct render_job *job;
    render_sink sink;
    void *context;
    int width, height; /* of the oriented picture in full size */
    struct planes planes;
    struct resize_source source;   /* says what `planes` are */
    struct profile_change *change; /* to sRGB, still to come; NULL: none */
};

/* Replaces the planes by those of another size. What they were made of is freed before anything is encoded. */
static void descend(struct cascade *cascade, int width, int height, enum planes_range range) {
    struct planes planes = planes_resize(&cascade->source, width, height, range);
    planes_free(&cascade->planes);
    cascade->planes = planes;
    cascade->source = (struct resize_source){&cascade->planes, range, width, height, 1};
}

static bool at_size(const struct cascade *cascade, int width, int height, enum planes_range range) {
    return cascade->source.orientation == 1 && cascade->source.range == range && cascade->planes.width == width &&
           cascade->planes.height == height;
}

/* Colours are changed in the largest size that is made, where it costs least. */
static bool change_colours(struct cascade *cascade, int width, int height, struct error *err) {
    if (cascade->change == NULL) {
        return true;
    }
    descend(cascade, width, height, RANGE_FULL);
    size_t row = (size_t)width * RGB_CHANNELS;
    _cleanup_(freep) uint8_t *pixels = xmalloc(row * (size_t)height);
    if (!planar_rgb_of(&cascade->planes, RGB_CHANNELS, pixels, err)) {
        return false;
    }
    profile_change_apply(cascade->change, pixels, (size_t)width * (size_t)height);
    profile_change_free(cascade->change);
    cascade->change = NULL;
    _cleanup_(planar_rgb_freep) struct planar_rgb *rgb = planar_rgb_new(&cascade->planes);
    return planar_rgb_add(rgb, pixels, row, height, err);
}

static bool render_variant(struct cascade *cascade, const struct variant_spec *spec, struct error *err) {
    int width = 0;
    int height = 0;
    variant_fit(spec, cascade->width, cascade->height, &width, &height);
    if (!change_colours(cascade, width, height, err)) {
        return false;
    }
    if (!at_size(cascade, width, height, RANGE_LIMITED)) {
        descend(cascade, width, height, RANGE_LIMITED);
    }
    _cleanup_(planar_webp_freep) void *bytes = NULL;
    size_t size = 0;
    if (!planar_webp_encode(&cascade->planes, spec->quality, cascade->job->webp_effort, &bytes, &size, err)) {
        return false;
    }
    const struct rendered rendered = {spec, width, height, bytes, size};
    return cascade->sink(cascade->context, &rendered, err);
}

static bool render_placeholder(struct cascade *cascade, const struct variant_spec *placeholder, struct error *err) {
    int width = 0;
    int height = 0;
    variant_fit(placeholder, cascade->width, cascade->height, &width, &height);
    static uint8_t pixels[PLACEHOLDER_SIDE * PLACEHOLDER_SIDE * RGBA_CHANNELS];
    if (!change_colours(cascade, width, height, err)) {
        return false;
    }
    descend(cascade, width, height, RANGE_FULL);
    if (!planar_rgb_of(&cascade->planes, RGBA_CHANNELS, pixels, err)) {
        return false;
    }
    const struct rendered rendered = {NULL, width, height, pixels, (size_t)width * (size_t)height * RGBA_CHANNELS};
    return cascade->sink(cascade->context, &rendered, err);
}

/* The smallest DCT whose picture is not smaller than the largest variant. */
static int reduction_for(const struct cascade *cascade, const struct variant_spec *largest) {
    int width = 0;
    int height = 0;
    variant_fit(largest, cascade->width, cascade->height, &width, &height);
    int reduction = REDUCTION_MAX;
    while (reduction > 1 && (cascade->width / reduction < width || cascade->height / reduction < height)) {
        reduction /= 2;
    }
    return reduction;
}

/* What is known of the picture once its own size is. */
static void start(struct cascade *cascade, int width, int height, int reduction) {
    const struct picture_header *header = &cascade->job->header;
    cascade->source = (struct resize_source){
        .planes = &cascade->planes,
        .range = RANGE_FULL,
        .width = (double)width / reduction,
        .height = (double)height / reduction,
        .orientation = header->orientation,
    };
    (void)find_change(header, &cascade->change); /* planar_suits has seen that it can */
}

static void orient(struct cascade *cascade, int width, int height) {
    bool transposed = orientation_transposes(cascade->job->header.orientation);
    cascade->width = transposed ? height : width;
    cascade->height = transposed ? width : height;
}

static bool decode_lines(struct cascade *cascade, struct error *err) {
    const struct render_job *job = cascade->job;
    orient(cascade, job->header.width, job->header.height);
    start(cascade, job->header.width, job->header.height, 1);
    return vips_planes_decode(job, lines_sampling(job), &cascade->planes, err);
}

static bool decode_jpeg(struct cascade *cascade, const struct variant_spec *largest, struct error *err) {
    const struct render_job *job = cascade->job;
    _cleanup_(input_map_close) struct input_map input = {0};
    if (!input_map_open(job->input_fd, job->input_size, &input)) {
        return error_set(err, ERROR_DECODER_MEMORY, "no memory to map the picture");
    }
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = planar_jpeg_open(input.bytes, input.size);
    if (jpeg == NULL) {
        return complaint_set(err, COMPLAINT_NO_PICTURE, "not a JPEG of YCbCr");
    }
    int width = planar_jpeg_width(jpeg);
    int height = planar_jpeg_height(jpeg);
    orient(cascade, width, height);
    int reduction = reduction_for(cascade, largest);
    start(cascade, width, height, reduction);
    return planar_jpeg_decode(jpeg, reduction, &cascade->planes, err);
}

static bool decode(struct cascade *cascade, const struct variant_spec *largest, struct error *err) {
    return cascade->job->header.type == PICTURE_TYPE_JPEG ? decode_jpeg(cascade, largest, err)
                                                          : decode_lines(cascade, err);
}

static void release(struct cascade *cascade) {
    planes_free(&cascade->planes);
    profile_change_free(cascade->change);
}

bool planar_render(const struct render_job *job, render_sink sink, void *context, struct error *err) {
    _cleanup_(release) struct cascade cascade = {.job = job, .sink = sink, .context = context};
    const struct variant_table *variants = job->variants;
    struct variant_spec placeholder = {.side_px = PLACEHOLDER_SIDE};
    size_t order[VARIANTS_MAX];
    render_order(variants, order);
    if (!decode(&cascade, variants->count == 0 ? &placeholder : &variants->specs[order[0]], err)) {
        return false;
    }
    if (variants->count > 0 && variants->specs[order[variants->count - 1]].side_px < PLACEHOLDER_SIDE) {
        placeholder = variants->specs[order[variants->count - 1]]; /* made of this one, and not enlarged */
    }
    for (size_t index = 0; index < variants->count; index++) {
        if (!render_variant(&cascade, &variants->specs[order[index]], err)) {
            return false;
        }
    }
    return render_placeholder(&cascade, &placeholder, err);
}
