#include "decoder/vips_planes.h"

#include "tests/unit/decoder/rendering.h"

#include <vips/vips.h>

enum { PHOTO_WIDTH = 701, PHOTO_HEIGHT = 467 };

static VipsImage *photo_image(void) {
    uint8_t *pixels = xmalloc((size_t)PHOTO_WIDTH * PHOTO_HEIGHT * 3);
    for (int y = 0; y < PHOTO_HEIGHT; y++) {
        for (int x = 0; x < PHOTO_WIDTH; x++) {
            uint8_t *pixel = pixels + ((size_t)y * PHOTO_WIDTH + (size_t)x) * 3;
            pixel[0] = (uint8_t)(128 + 100 * sin(x / 60.0) + (noise(x, y, 1) - 128) / 16.0);
            pixel[1] = (uint8_t)(128 + 80 * cos(y / 50.0));
            pixel[2] = (uint8_t)(128 + 60 * sin((x + y) / 90.0));
        }
    }
    VipsImage *image = vips_image_new_from_memory_copy(pixels, (size_t)PHOTO_WIDTH * PHOTO_HEIGHT * 3, PHOTO_WIDTH,
                                                       PHOTO_HEIGHT, 3, VIPS_FORMAT_UCHAR);
    free(pixels);
    assert_non_null(image);
    VipsImage *named = NULL;
    assert_int_equal(vips_copy(image, &named, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    g_object_unref(image);
    return named;
}

static struct buf saved_as(VipsImage *image, const char *suffix) {
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(vips_image_write_to_buffer(image, suffix, &bytes, &size, NULL), 0);
    struct buf file = {0};
    buf_append(&file, bytes, size);
    g_free(bytes);
    return file;
}

static void assert_like_libvips(const struct buf *file, enum picture_type type, const char *variants) {
    _cleanup_(setup_free) struct setup setup = {0};
    struct picture_metadata metadata;
    struct results vips = {.refuse_at = RESULTS_MAX};
    struct error err = {0};
    prepare(&setup, file, 0, 0, variants);
    assert_true(vips_picture_read_header(setup.job.input_fd, type, false, &setup.job.header, &metadata, &err));
    render(&setup);
    if (!vips_render(&setup.job, keep, &vips, &err)) {
        fail_msg("%s", err.message);
    }
    assert_same_results(&setup.results, &vips);
    results_free(&vips);
    free((void *)(uintptr_t)setup.job.header.icc);
}

static void test_other_colours_like_libvips(void **state) {
    (void)state;
    VipsImage *image = photo_image();
    _cleanup_(buf_free) struct buf icc = wide_profile();
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, icc.data, icc.length);
    _cleanup_(buf_free) struct buf jpeg = saved_as(image, ".jpg[Q=95]");
    g_object_unref(image);
    assert_like_libvips(&jpeg, PICTURE_TYPE_JPEG, "a:400:webp:95,b:150:webp:95");
    assert_like_libvips(&jpeg, PICTURE_TYPE_JPEG, "");
}

static void test_other_samplings_like_libvips(void **state) {
    (void)state;
    static const int samplings[] = {TJSAMP_444, TJSAMP_422, TJSAMP_440, TJSAMP_411};
    VipsImage *image = photo_image();
    for (size_t index = 0; index < sizeof samplings / sizeof samplings[0]; index++) {
        _cleanup_(buf_free) struct buf jpeg =
            compressed(vips_image_get_data(image), PHOTO_WIDTH, PHOTO_HEIGHT, TJPF_RGB, samplings[index], 95);
        assert_like_libvips(&jpeg, PICTURE_TYPE_JPEG, "a:400:webp:95,b:60:webp:95");
    }
    g_object_unref(image);
}

static void test_other_formats_like_libvips(void **state) {
    (void)state;
    static const struct {
        enum picture_type type;
        const char *suffix;
    } formats[] = {{PICTURE_TYPE_PNG, ".png"}, {PICTURE_TYPE_WEBP, ".webp[Q=95]"}, {PICTURE_TYPE_TIFF, ".tif"}};
    VipsImage *image = photo_image();
    for (size_t index = 0; index < sizeof formats / sizeof formats[0]; index++) {
        _cleanup_(buf_free) struct buf file = saved_as(image, formats[index].suffix);
        assert_like_libvips(&file, formats[index].type, "a:400:webp:95,b:150:webp:95");
        assert_like_libvips(&file, formats[index].type, "a:600:webp:95"); /* hardly smaller: chroma of full size */
    }
    g_object_unref(image);
}

/* What has transparency, more than 8 bits, or grey, is not taken. */
static void test_what_it_does_not_take(void **state) {
    (void)state;
    VipsImage *image = photo_image();
    VipsImage *other[3] = {NULL};
    assert_int_equal(vips_bandjoin_const1(image, &other[0], 200, NULL), 0);
    assert_int_equal(vips_colourspace(image, &other[1], VIPS_INTERPRETATION_RGB16, NULL), 0);
    assert_int_equal(vips_colourspace(image, &other[2], VIPS_INTERPRETATION_B_W, NULL), 0);
    for (size_t index = 0; index < sizeof other / sizeof other[0]; index++) {
        _cleanup_(setup_free) struct setup setup = {0};
        _cleanup_(buf_free) struct buf file = saved_as(other[index], ".png");
        struct error err = {0};
        struct planes planes = {0};
        prepare(&setup, &file, PHOTO_WIDTH, PHOTO_HEIGHT, "a:100");
        setup.job.header.type = PICTURE_TYPE_PNG;
        assert_false(vips_planes_suit(&setup.job));
        assert_false(planar_suits(&setup.job));
        assert_false(vips_planes_decode(&setup.job, SAMPLING_420, &planes, &err));
        assert_int_equal(err.code, ERROR_DECODE_FAILED);
        g_object_unref(other[index]);
    }
    g_object_unref(image);
}

/* Cut off anywhere: an error of the picture's, or all of it. */
static void test_truncated(void **state) {
    (void)state;
    VipsImage *image = photo_image();
    _cleanup_(buf_free) struct buf png = saved_as(image, ".png");
    g_object_unref(image);
    for (size_t cut = 1; cut < png.length; cut += png.length / 7) {
        _cleanup_(setup_free) struct setup setup = {0};
        struct buf part = {.data = png.data, .length = png.length - cut};
        struct error err = {0};
        _cleanup_(planes_free) struct planes planes = {0};
        prepare(&setup, &part, PHOTO_WIDTH, PHOTO_HEIGHT, "a:100");
        setup.job.header.type = PICTURE_TYPE_PNG;
        assert_true(vips_planes_decode(&setup.job, SAMPLING_444, &planes, &err) || err.code == ERROR_DECODE_FAILED);
    }
}

/* The planes of a picture are limited, however large it is. */
static void test_what_is_too_large_is_not_taken(void **state) {
    (void)state;
    VipsImage *black = NULL;
    assert_int_equal(vips_black(&black, 6000, 5000, "bands", 3, NULL), 0);
    _cleanup_(buf_free) struct buf png = saved_as(black, ".png");
    g_object_unref(black);
    _cleanup_(setup_free) struct setup setup = {0};
    prepare(&setup, &png, 6000, 5000, "a:100");
    setup.job.header.type = PICTURE_TYPE_PNG;
    assert_true(vips_planes_suit(&setup.job));
    assert_false(planar_suits(&setup.job));
}

int main(void) {
    struct error err = {0};
    if (!vips_picture_start("test_vips_planes", &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    vips_operation_block_set("VipsForeignSave", FALSE); /* the tests' own pictures */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_colours_like_libvips),
        cmocka_unit_test(test_other_samplings_like_libvips),
        cmocka_unit_test(test_other_formats_like_libvips),
        cmocka_unit_test(test_what_it_does_not_take),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_what_is_too_large_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
