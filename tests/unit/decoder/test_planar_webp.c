#include "decoder/planar_webp.h"

#include "tests/unit/decoder/planar_pictures.h"

#include <webp/decode.h>

/* The planes that libwebp reads back are those that went in, within what the quality loses. */
static void test_planes_come_back(void **state) {
    (void)state;
    static const int sizes[][2] = {{64, 48}, {65, 49}, {1, 1}, {3, 200}, {333, 17}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        _cleanup_(planes_free) struct planes planes = photo_planes(sizes[index][0], sizes[index][1]);
        for (int effort = 0; effort <= 6; effort += 2) {
            _cleanup_(planar_webp_freep) void *bytes = NULL;
            size_t size = 0;
            struct error err = {0};
            assert_true(planar_webp_encode(&planes, 90, effort, &bytes, &size, &err));
            int width = 0;
            int height = 0;
            struct plane back[PLANE_COUNT];
            back[PLANE_Y].pixels = WebPDecodeYUV(bytes, size, &width, &height, &back[PLANE_U].pixels,
                                                 &back[PLANE_V].pixels, &back[PLANE_Y].stride, &back[PLANE_U].stride);
            assert_non_null(back[PLANE_Y].pixels);
            assert_int_equal(width, planes.width);
            assert_int_equal(height, planes.height);
            back[PLANE_V].stride = back[PLANE_U].stride;
            for (int plane = 0; plane < PLANE_COUNT; plane++) {
                back[plane].width = planes.plane[plane].width;
                back[plane].height = planes.plane[plane].height;
                assert_true(psnr(&planes.plane[plane], &back[plane]) > 32);
            }
            WebPFree(back[PLANE_Y].pixels);
        }
    }
}

static void test_quality_costs_bytes(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(300, 200);
    size_t last = 0;
    for (int quality = 10; quality <= 100; quality += 30) {
        _cleanup_(planar_webp_freep) void *bytes = NULL;
        size_t size = 0;
        struct error err = {0};
        assert_true(planar_webp_encode(&planes, quality, 2, &bytes, &size, &err));
        assert_true(size > last);
        last = size;
    }
}

static void test_more_than_webp_has_is_an_error(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = planes_new(16384, 1, SAMPLING_420);
    _cleanup_(planar_webp_freep) void *bytes = NULL;
    size_t size = 0;
    struct error err = {0};
    assert_false(planar_webp_encode(&planes, 80, 4, &bytes, &size, &err));
    assert_int_equal(err.code, ERROR_DECODE_FAILED);
    assert_null(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes_come_back),
        cmocka_unit_test(test_quality_costs_bytes),
        cmocka_unit_test(test_more_than_webp_has_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
