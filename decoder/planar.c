#include "decoder/planar.h"

#include "decoder/complaint.h"
#include "decoder/input_map.h"
#include "decoder/planar_jpeg.h"
#include "decoder/planar_profile.h"
#include "decoder/planar_resize.h"
#include "decoder/planar_webp.h"

enum { REDUCTION_MAX = 8 };

static bool all_webp(const struct variant_table *variants) {
    for (size_t index = 0; index < variants->count; index++) {
        if (variants->specs[index].format != PICTURE_WEBP) {
            return false;
        }
    }
    return true;
}

bool planar_suits(const struct render_job *job) {
    const struct picture_header *header = &job->header;
    _cleanup_(input_map_close) struct input_map input = {0};
    if (header->type != PICTURE_TYPE_JPEG || header->frames > 1 ||
        !input_map_open(job->input_fd, job->input_size, &input) || !all_webp(job->variants) ||
        (header->icc != NULL && !profile_is_srgb(header->icc, header->icc_size))) {
        return false;
    }
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = planar_jpeg_open(input.bytes, input.size);
    return jpeg != NULL && planar_jpeg_is_whole(input.bytes, input.size) && planar_jpeg_width(jpeg) == header->width &&
           planar_jpeg_height(jpeg) == header->height;
}

/* The oriented picture on its way down: planes that every smaller variant can be made of. */
struct cascade {
    const struct render_job *job;
    render_sink sink;
    void *context;
    int width, height; /* of the oriented picture in full size */
    struct planes planes;
    struct resize_source source; /* says what `planes` are */
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

static bool render_variant(struct cascade *cascade, const struct variant_spec *spec, struct error *err) {
    int width = 0;
    int height = 0;
    variant_fit(spec, cascade->width, cascade->height, &width, &height);
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
    static uint8_t pixels[PLACEHOLDER_SIDE * PLACEHOLDER_SIDE * 4];
    descend(cascade, width, height, RANGE_FULL);
    if (!planar_jpeg_rgba(&cascade->planes, pixels, err)) {
        return false;
    }
    const struct rendered rendered = {NULL, width, height, pixels, (size_t)width * (size_t)height * 4};
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

static bool decode(struct cascade *cascade, const struct variant_spec *largest, struct error *err) {
    const struct render_job *job = cascade->job;
    _cleanup_(input_map_close) struct input_map input = {0};
    if (!input_map_open(job->input_fd, job->input_size, &input)) {
        return error_set(err, ERROR_DECODER_MEMORY, "no memory to map the picture");
    }
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = planar_jpeg_open(input.bytes, input.size);
    if (jpeg == NULL) {
        return complaint_set(err, COMPLAINT_NO_PICTURE, "not a JPEG of YCbCr 4:2:0");
    }
    bool transposed = orientation_transposes(job->header.orientation);
    int width = planar_jpeg_width(jpeg);
    int height = planar_jpeg_height(jpeg);
    cascade->width = transposed ? height : width;
    cascade->height = transposed ? width : height;
    int reduction = reduction_for(cascade, largest);
    cascade->source = (struct resize_source){
        .planes = &cascade->planes,
        .range = RANGE_FULL,
        .width = (double)width / reduction,
        .height = (double)height / reduction,
        .orientation = job->header.orientation,
    };
    return planar_jpeg_decode(jpeg, reduction, &cascade->planes, err);
}

static void release(struct cascade *cascade) {
    planes_free(&cascade->planes);
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
