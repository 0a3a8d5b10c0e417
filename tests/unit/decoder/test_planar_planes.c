#include "decoder/planar_planes.h"

#include "tests/unit/decoder/planar_pictures.h"

static void test_chroma_has_half_of_the_size_rounded_up(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 2}, {17, 5}, {16, 33}, {4001, 3}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        int width = sizes[index][0];
        int height = sizes[index][1];
        _cleanup_(planes_free) struct planes planes = planes_new(width, height, SAMPLING_420);
        assert_int_equal(planes.plane[PLANE_Y].width, width);
        assert_int_equal(planes.plane[PLANE_Y].height, height);
        for (int plane = PLANE_U; plane < PLANE_COUNT; plane++) {
            assert_int_equal(planes.plane[plane].width, (width + 1) / 2);
            assert_int_equal(planes.plane[plane].height, (height + 1) / 2);
        }
    }
}

static void test_whole_rows_may_be_written_without_touching_others(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = planes_new(17, 5, SAMPLING_420);
    for (int index = 0; index < PLANE_COUNT; index++) {
        const struct plane *plane = &planes.plane[index];
        assert_int_equal(plane->stride % PLANE_ALIGN, 0);
        assert_true(plane->stride >= plane->width);
        memset(plane->pixels, index + 1, (size_t)plane->stride * (size_t)plane->height);
    }
    for (int index = 0; index < PLANE_COUNT; index++) {
        const struct plane *plane = &planes.plane[index];
        assert_int_equal(*sample_at(plane, 0, 0), index + 1);
        assert_int_equal(*sample_at(plane, plane->stride - 1, plane->height - 1), index + 1);
    }
}

static void test_transpose_swaps_rows_and_columns(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 40}, {33, 18}, {16, 16}, {35, 1}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        _cleanup_(planes_free) struct planes planes = noise_planes(sizes[index][0], sizes[index][1], 3);
        _cleanup_(planes_free) struct planes turned = planes_transpose(&planes);
        assert_int_equal(turned.width, planes.height);
        assert_int_equal(turned.height, planes.width);
        for (int plane = 0; plane < PLANE_COUNT; plane++) {
            for (int y = 0; y < turned.plane[plane].height; y++) {
                for (int x = 0; x < turned.plane[plane].width; x++) {
                    assert_int_equal(*sample_at(&turned.plane[plane], x, y), *sample_at(&planes.plane[plane], y, x));
                }
            }
        }
    }
}

static void test_taken_planes_have_one_owner(void **state) {
    (void)state;
    struct planes planes = planes_new(4, 4, SAMPLING_420);
    _cleanup_(planes_free) struct planes taken = planes_take(&planes);
    assert_null(planes.memory);
    assert_non_null(taken.memory);
    planes_free(&planes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chroma_has_half_of_the_size_rounded_up),
        cmocka_unit_test(test_whole_rows_may_be_written_without_touching_others),
        cmocka_unit_test(test_transpose_swaps_rows_and_columns),
        cmocka_unit_test(test_taken_planes_have_one_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
