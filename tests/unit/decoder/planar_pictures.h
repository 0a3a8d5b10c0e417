/* Pictures for the tests of the planar renderer, made by a formula. */
#ifndef SLUICE_TESTS_UNIT_DECODER_PLANAR_PICTURES_H
#define SLUICE_TESTS_UNIT_DECODER_PLANAR_PICTURES_H

#include "common/xalloc.h"
#include "decoder/planar_planes.h"
#include "tests/unit/vectors.h"

#include <math.h>
#include <string.h>
#include <turbojpeg.h>

/* Repeatable noise, 0 to 255. */
static inline int noise(int x, int y, int seed) {
    uint32_t value = (uint32_t)x * 374761393U + (uint32_t)y * 668265263U + (uint32_t)seed * 2246822519U;
    value = (value ^ (value >> 13)) * 1274126177U;
    return (int)((value ^ (value >> 16)) & 255);
}

static inline uint8_t *sample_at(const struct plane *plane, int x, int y) {
    return plane->pixels + (size_t)y * (size_t)plane->stride + (size_t)x;
}

static inline struct planes noise_planes(int width, int height, int seed) {
    struct planes planes = planes_new(width, height, SAMPLING_420);
    for (int index = 0; index < PLANE_COUNT; index++) {
        for (int y = 0; y < planes.plane[index].height; y++) {
            for (int x = 0; x < planes.plane[index].width; x++) {
                *sample_at(&planes.plane[index], x, y) = (uint8_t)noise(x, y, seed + index);
            }
        }
    }
    return planes;
}

/* Something like a photo, in full range: waves from coarse to fine, some grain, an edge, colours. */
static inline struct planes photo_planes(int width, int height) {
    struct planes planes = planes_new(width, height, SAMPLING_420);
    for (int index = 0; index < PLANE_COUNT; index++) {
        double scale = index == PLANE_Y ? 1 : 2;
        for (int y = 0; y < planes.plane[index].height; y++) {
            for (int x = 0; x < planes.plane[index].width; x++) {
                double across = (x + 0.5) * scale;
                double down = (y + 0.5) * scale;
                double value = 120 + 50 * sin(across / 90 + index) * cos(down / 70) + 12 * sin(across / 3 + down / 5);
                value += across * 3 > down * 4 + width ? 30 : 0;
                value += index == PLANE_Y ? (noise(x, y, 1) - 128) / 16.0 : 0;
                *sample_at(&planes.plane[index], x, y) = (uint8_t)fmin(255, fmax(0, value));
            }
        }
    }
    return planes;
}

struct jpeg_form {
    int quality;
    int flags; /* TJFLAG_PROGRESSIVE */
};

/* The JPEG of full-range 4:2:0 planes. */
static inline struct buf jpeg_of(const struct planes *planes, struct jpeg_form form) {
    const unsigned char *sources[PLANE_COUNT];
    int strides[PLANE_COUNT];
    for (int index = 0; index < PLANE_COUNT; index++) {
        sources[index] = planes->plane[index].pixels;
        strides[index] = planes->plane[index].stride;
    }
    tjhandle compressor = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    assert_int_equal(tjCompressFromYUVPlanes(compressor, sources, planes->width, strides, planes->height, TJSAMP_420,
                                             &bytes, &size, form.quality, form.flags),
                     0);
    struct buf jpeg = {0};
    buf_append(&jpeg, bytes, size);
    tjFree(bytes);
    tjDestroy(compressor);
    return jpeg;
}

static inline struct buf compressed(const unsigned char *pixels, int width, int height, int format, int sampling,
                                    int quality) {
    tjhandle compressor = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    assert_int_equal(tjCompress2(compressor, pixels, width, 0, height, format, &bytes, &length, sampling, quality, 0),
                     0);
    struct buf jpeg = {0};
    buf_append(&jpeg, bytes, length);
    tjFree(bytes);
    tjDestroy(compressor);
    return jpeg;
}

/* The JPEG of noise in another sampling (TJSAMP_*) or colour model (TJPF_CMYK). */
static inline struct buf jpeg_of_kind(int width, int height, int sampling, int format) {
    size_t size = (size_t)width * (size_t)height * (size_t)tjPixelSize[format];
    unsigned char *pixels = xcalloc(1, size);
    for (size_t index = 0; index < size; index++) {
        pixels[index] = (unsigned char)noise((int)index, 0, 7);
    }
    struct buf jpeg = compressed(pixels, width, height, format, sampling, 80);
    free(pixels);
    return jpeg;
}

/* A JPEG that is orange all over. */
static inline struct buf jpeg_of_colour(int width, int height, int sampling) {
    static const unsigned char orange[] = {250, 130, 0};
    size_t size = (size_t)width * (size_t)height * 3;
    unsigned char *pixels = xmalloc(size);
    for (size_t index = 0; index < size; index++) {
        pixels[index] = orange[index % 3];
    }
    struct buf jpeg = compressed(pixels, width, height, TJPF_RGB, sampling, 95);
    free(pixels);
    return jpeg;
}

/* dB of the samples of two planes of one size. */
static inline double psnr(const struct plane *left, const struct plane *right) {
    assert_int_equal(left->width, right->width);
    assert_int_equal(left->height, right->height);
    double sum = 0;
    for (int y = 0; y < left->height; y++) {
        for (int x = 0; x < left->width; x++) {
            double difference = *sample_at(left, x, y) - *sample_at(right, x, y);
            sum += difference * difference;
        }
    }
    double mean = sum / ((double)left->width * left->height);
    return mean == 0 ? 99 : 10 * log10(255.0 * 255.0 / mean);
}

#endif
