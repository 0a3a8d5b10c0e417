/* A renderer's results, and those of two of them side by side. */
#ifndef SLUICE_TESTS_UNIT_DECODER_RENDERING_H
#define SLUICE_TESTS_UNIT_DECODER_RENDERING_H

#include "decoder/planar.h"
#include "decoder/vips_picture.h"
#include "tests/unit/decoder/planar_pictures.h"

#include <lcms2.h>
#include <sys/mman.h>
#include <webp/decode.h>

enum { RESULTS_MAX = VARIANTS_MAX + 1 };

struct result {
    char name[VARIANT_NAME_SIZE]; /* "" for the placeholder */
    int width, height;
    struct buf bytes;
};

struct results {
    struct result list[RESULTS_MAX];
    size_t count;
    size_t refuse_at; /* the sink fails there */
};

static inline bool keep(void *context, const struct rendered *rendered, struct error *err) {
    struct results *results = context;
    if (results->count == results->refuse_at) {
        return error_set(err, ERROR_INTERNAL, "refused");
    }
    struct result *result = &results->list[results->count++];
    snprintf(result->name, sizeof result->name, "%s", rendered->spec != NULL ? rendered->spec->name : "");
    result->width = rendered->width;
    result->height = rendered->height;
    buf_append(&result->bytes, rendered->bytes, rendered->size);
    return true;
}

static inline void results_free(struct results *results) {
    for (size_t index = 0; index < results->count; index++) {
        buf_free(&results->list[index].bytes);
    }
}

static inline int file_of(const struct buf *bytes) {
    int file = memfd_create("picture", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes->data, bytes->length), (ssize_t)bytes->length);
    return file;
}

struct setup {
    struct variant_table variants;
    struct render_job job;
    struct results results;
};

static inline void setup_free(struct setup *setup) {
    close(setup->job.input_fd);
    results_free(&setup->results);
}

static inline void prepare(struct setup *setup, const struct buf *jpeg, int width, int height, const char *variants) {
    struct error err = {0};
    if (!variants_parse(variants, &setup->variants, &err)) {
        fail_msg("%s", err.message);
    }
    setup->results.refuse_at = RESULTS_MAX;
    setup->job = (struct render_job){
        .header = {.type = PICTURE_TYPE_JPEG, .width = width, .height = height, .orientation = 1, .frames = 1},
        .input_fd = file_of(jpeg),
        .input_size = (int64_t)jpeg->length,
        .variants = &setup->variants,
        .webp_effort = 2,
    };
}

static inline void render(struct setup *setup) {
    struct error err = {0};
    assert_true(planar_suits(&setup->job));
    if (!planar_render(&setup->job, keep, &setup->results, &err)) {
        fail_msg("%s", err.message);
    }
}

/* Three channels of two RGBA pictures: how alike they are, and how far apart in the mean. */
static inline void assert_alike(const uint8_t *left, const uint8_t *right, int pixels, double least_psnr) {
    double squares = 0;
    double sums[3] = {0};
    for (int pixel = 0; pixel < pixels; pixel++) {
        for (int channel = 0; channel < 3; channel++) {
            double difference = left[pixel * 4 + channel] - right[pixel * 4 + channel];
            squares += difference * difference;
            sums[channel] += difference;
        }
        assert_int_equal(left[pixel * 4 + 3], 255);
        assert_int_equal(right[pixel * 4 + 3], 255);
    }
    double found = 10 * log10(255.0 * 255.0 * 3 * pixels / fmax(squares, 1));
    if (found < least_psnr) {
        fail_msg("%.1f dB, at least %.1f wanted", found, least_psnr);
    }
    for (int channel = 0; channel < 3; channel++) {
        assert_true(fabs(sums[channel]) / pixels < 0.7);
    }
}

static inline void assert_same_results(const struct results *planar, const struct results *vips) {
    assert_int_equal(planar->count, vips->count);
    for (size_t index = 0; index < planar->count; index++) {
        const struct result *mine = &planar->list[index];
        const struct result *other = &vips->list[index];
        assert_string_equal(mine->name, other->name);
        assert_int_equal(mine->width, other->width);
        assert_int_equal(mine->height, other->height);
        if (mine->name[0] == '\0') {
            /* Its chroma has half of 100 pixels here; the ThumbHash keeps but a few waves of it. */
            assert_alike((uint8_t *)mine->bytes.data, (uint8_t *)other->bytes.data, mine->width * mine->height, 25);
            continue;
        }
        int width = 0;
        int height = 0;
        uint8_t *left = WebPDecodeRGBA((uint8_t *)mine->bytes.data, mine->bytes.length, &width, &height);
        uint8_t *right = WebPDecodeRGBA((uint8_t *)other->bytes.data, other->bytes.length, &width, &height);
        assert_alike(left, right, width * height, 34);
        WebPFree(left);
        WebPFree(right);
    }
}

/* Colours like those of wide screens and cameras. */
static inline struct buf wide_profile(void) {
    static const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    cmsCIExyY white = {0.3127, 0.3290, 1};
    cmsToneCurve *curve = cmsBuildGamma(NULL, 2.2);
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsFreeToneCurve(curve);
    struct buf icc = {0};
    cmsUInt32Number size = 8192;
    assert_true(cmsSaveProfileToMem(profile, buf_reserve(&icc, size), &size));
    cmsCloseProfile(profile);
    icc.length = size;
    return icc;
}

#endif
