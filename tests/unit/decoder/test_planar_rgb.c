#include "decoder/planar_rgb.h"

#include "tests/unit/decoder/planar_pictures.h"

static void test_colours(void **state) {
    (void)state;
    static const int colours[][6] = {/* Y, Cb, Cr -> R, G, B (JFIF) */
                                     {0, 128, 128, 0, 0, 0},
                                     {255, 128, 128, 255, 255, 255},
                                     {76, 85, 255, 254, 0, 0},
                                     {150, 44, 21, 0, 255, 1},
                                     {29, 255, 107, 0, 0, 254}};
    for (size_t index = 0; index < sizeof colours / sizeof *colours; index++) {
        _cleanup_(planes_free) struct planes planes = planes_new(5, 3, SAMPLING_420);
        for (int plane = 0; plane < PLANE_COUNT; plane++) {
            const struct plane *one = &planes.plane[plane];
            memset(one->pixels, colours[index][plane], (size_t)one->stride * (size_t)one->height);
        }
        uint8_t pixels[5 * 3 * 4] = {0};
        struct error err = {0};
        assert_true(planar_rgb_of(&planes, RGBA_CHANNELS, pixels, &err));
        for (int channel = 0; channel < 3; channel++) {
            assert_true(abs(pixels[14 * 4 + channel] - colours[index][3 + channel]) <= 2);
        }
        assert_int_equal(pixels[3], 255);
    }
}

/* In one piece, and in pieces of an even number of rows. */
static void test_rows_become_planes(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {33, 17}, {64, 48}, {5, 31}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        int width = sizes[index][0];
        int height = sizes[index][1];
        size_t row = (size_t)width * RGB_CHANNELS;
        uint8_t *pixels = xmalloc(row * (size_t)height);
        for (size_t place = 0; place < row * (size_t)height; place++) {
            pixels[place] = (uint8_t)noise((int)place, 3, 1);
        }
        for (int full = 0; full < 2; full++) {
            struct sampling sampling = full == 1 ? SAMPLING_444 : SAMPLING_420;
            _cleanup_(planes_free) struct planes whole = planes_new(width, height, sampling);
            _cleanup_(planes_free) struct planes pieces = planes_new(width, height, sampling);
            _cleanup_(planar_rgb_freep) struct planar_rgb *once = planar_rgb_new(&whole);
            _cleanup_(planar_rgb_freep) struct planar_rgb *often = planar_rgb_new(&pieces);
            struct error err = {0};
            assert_true(planar_rgb_add(once, pixels, row, height, &err));
            for (int top = 0; top < height; top += 4) {
                int rows = height - top < 4 ? height - top : 4;
                assert_true(planar_rgb_add(often, pixels + (size_t)top * row, row, rows, &err));
            }
            for (int plane = 0; plane < PLANE_COUNT; plane++) {
                assert_true(psnr(&whole.plane[plane], &pieces.plane[plane]) == 99);
            }
        }
        free(pixels);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_rows_become_planes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
