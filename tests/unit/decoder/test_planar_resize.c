#include "decoder/planar_resize.h"

#include "tests/unit/decoder/planar_pictures.h"

static struct resize_source source_of(const struct planes *planes, enum planes_range range, int orientation) {
    return (struct resize_source){planes, range, planes->width, planes->height, orientation};
}

/* Where the pixel x, y of the shown picture, width × height, lies in the stored one: EXIF 2.32, tag 0x0112, which says what
 * the stored row 0 and column 0 are. Continuous, so that it holds for the middle of chroma samples too. */
static void stored_position(int orientation, double width, double height, double x, double y, double *ret_x,
                            double *ret_y) {
    switch (orientation) {
    case 2: /* top, right */
        *ret_x = width - x;
        *ret_y = y;
        return;
    case 3: /* bottom, right */
        *ret_x = width - x;
        *ret_y = height - y;
        return;
    case 4: /* bottom, left */
        *ret_x = x;
        *ret_y = height - y;
        return;
    case 5: /* left, top: the stored row is the shown column */
        *ret_x = y;
        *ret_y = x;
        return;
    case 6: /* right, top */
        *ret_x = y;
        *ret_y = width - x;
        return;
    case 7: /* right, bottom */
        *ret_x = height - y;
        *ret_y = width - x;
        return;
    case 8: /* left, bottom */
        *ret_x = height - y;
        *ret_y = x;
        return;
    default:
        *ret_x = x;
        *ret_y = y;
    }
}

static void test_same_size_is_turned_exactly(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = noise_planes(22, 14, 5);
    for (int orientation = 1; orientation <= 8; orientation++) {
        int width = orientation >= 5 ? 14 : 22;
        int height = orientation >= 5 ? 22 : 14;
        struct resize_source source = source_of(&planes, RANGE_FULL, orientation);
        _cleanup_(planes_free) struct planes turned = planes_resize(&source, width, height, RANGE_FULL);
        assert_int_equal(turned.width, width);
        assert_int_equal(turned.height, height);
        for (int index = 0; index < PLANE_COUNT; index++) {
            const struct plane *plane = &turned.plane[index];
            for (int y = 0; y < plane->height; y++) {
                for (int x = 0; x < plane->width; x++) {
                    double from_x = 0;
                    double from_y = 0;
                    stored_position(orientation, plane->width, plane->height, x + 0.5, y + 0.5, &from_x, &from_y);
                    assert_int_equal(*sample_at(plane, x, y),
                                     *sample_at(&planes.plane[index], (int)from_x, (int)from_y));
                }
            }
        }
    }
}

/* Chroma has steps of 1.4 and more a pixel: a shift by half a chroma sample, one pixel, is beyond the rounding. */
static double slope(int plane, double x, double y) {
    return plane == PLANE_Y   ? 20 + 1.2 * x + 0.9 * y
           : plane == PLANE_U ? 20 + 1.5 * x + 1.6 * y
                              : 240 - 1.4 * x - 1.5 * y;
}

static struct planes slope_planes(int width, int height) {
    struct planes planes = planes_new(width, height, SAMPLING_420);
    for (int index = 0; index < PLANE_COUNT; index++) {
        int samples = index == PLANE_Y ? 1 : 2;
        for (int y = 0; y < planes.plane[index].height; y++) {
            for (int x = 0; x < planes.plane[index].width; x++) {
                double value = slope(index, (x + 0.5) * samples, (y + 0.5) * samples);
                *sample_at(&planes.plane[index], x, y) = (uint8_t)lrint(value);
            }
        }
    }
    return planes;
}

static void assert_slope(const struct planes *shown, int orientation, int stored_width, int stored_height) {
    double across = (double)stored_width / (orientation >= 5 ? shown->height : shown->width);
    double down = (double)stored_height / (orientation >= 5 ? shown->width : shown->height);
    for (int index = 0; index < PLANE_COUNT; index++) {
        const struct plane *plane = &shown->plane[index];
        int samples = index == PLANE_Y ? 1 : 2;
        for (int y = 4; y < plane->height - 4; y++) {
            for (int x = 4; x < plane->width - 4; x++) {
                double from_x = 0;
                double from_y = 0;
                stored_position(orientation, shown->width, shown->height, (x + 0.5) * samples, (y + 0.5) * samples,
                                &from_x, &from_y);
                double expected = slope(index, from_x * across, from_y * down);
                if (fabs(*sample_at(plane, x, y) - expected) > 1.1) {
                    fail_msg("orientation %d, plane %d at %d,%d: %d instead of %.2f", orientation, index, x, y,
                             *sample_at(plane, x, y), expected);
                }
            }
        }
    }
}

/* Odd sizes, where mirrored chroma lies half a sample elsewhere: a slope shows a shift that noise would hide. */
static void test_positions_in_odd_sizes_and_all_orientations(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = slope_planes(95, 57);
    for (int orientation = 1; orientation <= 8; orientation++) {
        for (int fifths = 3; fifths <= 5; fifths++) {
            int width = 95 * fifths / 5;
            int height = (57 * fifths + 2) / 5;
            struct resize_source source = source_of(&planes, RANGE_FULL, orientation);
            bool transposed = orientation >= 5;
            _cleanup_(planes_free) struct planes shown =
                planes_resize(&source, transposed ? height : width, transposed ? width : height, RANGE_FULL);
            assert_slope(&shown, orientation, 95, 57);
        }
    }
}

static void test_ranges(void **state) {
    (void)state;
    static const int luma[][2] = {{0, 16}, {255, 235}, {128, 126}, {1, 17}};
    static const int chroma[][2] = {{0, 16}, {255, 240}, {128, 128}, {64, 72}};
    for (size_t index = 0; index < 4; index++) {
        _cleanup_(planes_free) struct planes planes = planes_new(20, 20, SAMPLING_420);
        memset(planes.memory, chroma[index][0], 20 * 32 + 2 * 10 * 16);
        memset(planes.memory, luma[index][0], 20 * 32);
        struct resize_source source = source_of(&planes, RANGE_FULL, 1);
        _cleanup_(planes_free) struct planes limited = planes_resize(&source, 10, 10, RANGE_LIMITED);
        assert_int_equal(*sample_at(&limited.plane[PLANE_Y], 3, 3), luma[index][1]);
        assert_int_equal(*sample_at(&limited.plane[PLANE_U], 3, 3), chroma[index][1]);
        assert_int_equal(*sample_at(&limited.plane[PLANE_V], 3, 3), chroma[index][1]);
        struct resize_source back = source_of(&limited, RANGE_LIMITED, 1);
        _cleanup_(planes_free) struct planes full = planes_resize(&back, 5, 5, RANGE_FULL);
        assert_true(abs(*sample_at(&full.plane[PLANE_Y], 2, 2) - luma[index][0]) <= 1);
        assert_true(abs(*sample_at(&full.plane[PLANE_V], 1, 1) - chroma[index][0]) <= 1);
    }
}

static void test_one_pixel(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = noise_planes(1, 300, 9);
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct resize_source source = source_of(&planes, RANGE_FULL, orientation);
        assert_true(orientation_transposes(orientation) == (orientation >= 5));
        bool transposed = orientation_transposes(orientation);
        _cleanup_(planes_free) struct planes shown =
            planes_resize(&source, transposed ? 80 : 1, transposed ? 1 : 80, RANGE_LIMITED);
        assert_int_equal(shown.plane[PLANE_U].width, transposed ? 40 : 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_size_is_turned_exactly),
        cmocka_unit_test(test_positions_in_odd_sizes_and_all_orientations),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_one_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
