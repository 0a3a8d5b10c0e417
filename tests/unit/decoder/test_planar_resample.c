#include "decoder/planar_resample.h"

#include "tests/unit/decoder/planar_pictures.h"

static const double pi = 3.14159265358979323846;

static struct resample_side side(int from, int to, bool mirrored) {
    return (struct resample_side){from, to, from, (double)from / to, mirrored};
}

/* Chroma of an odd size: the picture ends in the middle of the last sample. */
static struct resample_side odd_side(int from, int to, bool mirrored) {
    return (struct resample_side){from, to, from - 0.5, (2.0 * from - 1) / (2.0 * to - 1), mirrored};
}

static void resample(const struct plane *from, const struct plane *to, struct resample_side across,
                     struct resample_side down, struct resample_range range) {
    resample_plane(from, to, &across, &down, &range);
}

static void assert_all(const struct plane *plane, int value) {
    for (int y = 0; y < plane->height; y++) {
        for (int x = 0; x < plane->width; x++) {
            assert_int_equal(*sample_at(plane, x, y), value);
        }
    }
}

static void test_a_plane_of_one_value_keeps_it(void **state) {
    (void)state;
    static const int sizes[][4] = {{1, 1, 1, 1},    {1, 100, 1, 7},   {100, 1, 7, 1}, {3, 2, 2, 1},     {40, 30, 13, 9},
                                   {41, 31, 40, 1}, {16, 16, 16, 16}, {9, 9, 30, 17}, {257, 3, 100, 2}, {2, 2, 1, 1}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        const int *size = sizes[index];
        _cleanup_(planes_free) struct planes from = planes_new(size[0], size[1], SAMPLING_420);
        _cleanup_(planes_free) struct planes to = planes_new(size[2], size[3], SAMPLING_420);
        for (int value = 0; value <= 255; value += 5) {
            memset(from.memory, value, (size_t)from.plane[0].stride * (size_t)from.plane[0].height);
            bool mirrored = value % 2 == 1;
            resample(&from.plane[0], &to.plane[0], side(size[0], size[2], mirrored), side(size[1], size[3], mirrored),
                     RESAMPLE_SAME_RANGE);
            assert_all(&to.plane[0], value);
            struct resample_range limited = {219.0 / 255, 16, 16, 235};
            resample(&from.plane[0], &to.plane[0], side(size[0], size[2], mirrored), side(size[1], size[3], mirrored),
                     limited);
            assert_all(&to.plane[0], (int)lrint(16 + value * 219.0 / 255));
        }
    }
}

static void test_the_same_size_changes_nothing_and_mirrors_exactly(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {5, 9}, {64, 3}, {37, 41}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        int width = sizes[index][0];
        int height = sizes[index][1];
        _cleanup_(planes_free) struct planes from = noise_planes(width, height, 1);
        _cleanup_(planes_free) struct planes to = planes_new(width, height, SAMPLING_420);
        for (int mirrors = 0; mirrors < 4; mirrors++) {
            bool across = (mirrors & 1) != 0;
            bool down = (mirrors & 2) != 0;
            resample(&from.plane[0], &to.plane[0], side(width, width, across), side(height, height, down),
                     RESAMPLE_SAME_RANGE);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int expected = *sample_at(&from.plane[0], across ? width - 1 - x : x, down ? height - 1 - y : y);
                    assert_int_equal(*sample_at(&to.plane[0], x, y), expected);
                }
            }
        }
    }
}

/* Lanczos3, written from its definition. */
static double kernel(double x) {
    return x == 0 ? 1 : fabs(x) >= 3 ? 0 : sin(pi * x) / (pi * x) * sin(pi * x / 3) / (pi * x / 3);
}

/* One sample of a side: every sample of the source by its distance, nothing cut off early. */
static double naive(const double *from, struct resample_side side, int index) {
    double center = (index + 0.5) * side.step;
    center = side.mirrored ? side.extent - center : center;
    double width = fmax(1, side.step);
    double sum = 0;
    double weights = 0;
    for (int sample = 0; sample < side.from; sample++) {
        double weight = kernel((sample + 0.5 - center) / width);
        sum += weight * from[sample];
        weights += weight;
    }
    return sum / weights;
}

static void assert_like_naive(const struct plane *from, const struct plane *to, struct resample_side across,
                              struct resample_side down) {
    _cleanup_(freep) double *columns = xcalloc((size_t)from->width, sizeof *columns);
    _cleanup_(freep) double *column = xcalloc((size_t)from->height, sizeof *column);
    for (int y = 0; y < to->height; y++) {
        for (int x = 0; x < from->width; x++) {
            for (int row = 0; row < from->height; row++) {
                column[row] = *sample_at(from, x, row);
            }
            columns[x] = naive(column, down, y);
        }
        for (int x = 0; x < to->width; x++) {
            double expected = fmin(255, fmax(0, naive(columns, across, x)));
            if (fabs(*sample_at(to, x, y) - expected) > 0.6) {
                fail_msg("%d,%d of %dx%d -> %dx%d: %d instead of %.2f", x, y, from->width, from->height, to->width,
                         to->height, *sample_at(to, x, y), expected);
            }
        }
    }
}

static void test_like_the_definition(void **state) {
    (void)state;
    static const int sizes[][4] = {{40, 30, 20, 15}, {41, 29, 17, 11}, {64, 64, 33, 64}, {20, 20, 31, 45},
                                   {100, 3, 9, 2},   {1, 50, 1, 13},   {50, 1, 13, 1},   {200, 7, 199, 1}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        const int *size = sizes[index];
        _cleanup_(planes_free) struct planes from = noise_planes(size[0], size[1], 11);
        _cleanup_(planes_free) struct planes to = planes_new(size[2], size[3], SAMPLING_420);
        for (int way = 0; way < 4; way++) {
            bool mirrored = (way & 1) != 0;
            struct resample_side across = ((way & 2) != 0 ? odd_side : side)(size[0], size[2], mirrored);
            struct resample_side down = ((way & 2) != 0 ? odd_side : side)(size[1], size[3], mirrored);
            resample(&from.plane[0], &to.plane[0], across, down, RESAMPLE_SAME_RANGE);
            assert_like_naive(&from.plane[0], &to.plane[0], across, down);
        }
    }
}

static void test_an_impulse_becomes_the_kernel(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes from = planes_new(64, 1, SAMPLING_420);
    _cleanup_(planes_free) struct planes to = planes_new(32, 1, SAMPLING_420);
    memset(from.plane[0].pixels, 100, 64);
    *sample_at(&from.plane[0], 32, 0) = 200;
    resample(&from.plane[0], &to.plane[0], side(64, 32, false), side(1, 1, false), RESAMPLE_SAME_RANGE);
    for (int x = 0; x < 32; x++) {
        double expected =
            100 + 100 * kernel((32.5 - (2 * x + 1)) / 2) / 2; /* the weights of half the size add up to 2 */
        assert_true(fabs(*sample_at(&to.plane[0], x, 0) - expected) < 1);
    }
    assert_true(*sample_at(&to.plane[0], 16, 0) > *sample_at(&to.plane[0], 15, 0)); /* no shift */
    assert_true(*sample_at(&to.plane[0], 17, 0) < 100);                             /* a negative lobe, not a blur */
}

static void test_overshoot_is_cut_to_the_range(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes from = planes_new(64, 8, SAMPLING_420);
    _cleanup_(planes_free) struct planes to = planes_new(29, 4, SAMPLING_420);
    for (int y = 0; y < 8; y++) {
        memset(sample_at(&from.plane[0], 32, y), 255, 32);
    }
    struct resample_range limited = {219.0 / 255, 16, 16, 235};
    resample(&from.plane[0], &to.plane[0], side(64, 29, false), side(8, 4, false), limited);
    for (int x = 0; x < 29; x++) {
        assert_in_range(*sample_at(&to.plane[0], x, 2), 16, 235);
    }
    assert_int_equal(*sample_at(&to.plane[0], 13, 2), 16);
    assert_int_equal(*sample_at(&to.plane[0], 15, 2), 235);
}

/* Both passes' sums fit: 255 << 6 times the gain in 16 bits, and that times 2^14 and a second gain in 32. */
static void test_intermediate_numbers_have_room(void **state) {
    (void)state;
    for (int from = 1; from <= 90; from++) {
        for (int to = 1; to <= 90; to++) {
            for (int way = 0; way < 4; way++) {
                struct resample_side tried = ((way & 2) != 0 ? odd_side : side)(from, to, (way & 1) != 0);
                _cleanup_(resample_weights_freep) struct resample_weights *weights = resample_weights_new(&tried, 1);
                if (resample_weights_gain(weights) >= 2) {
                    fail_msg("%d to %d (%d): %.3f", from, to, way, resample_weights_gain(weights));
                }
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plane_of_one_value_keeps_it),
        cmocka_unit_test(test_the_same_size_changes_nothing_and_mirrors_exactly),
        cmocka_unit_test(test_like_the_definition),
        cmocka_unit_test(test_an_impulse_becomes_the_kernel),
        cmocka_unit_test(test_overshoot_is_cut_to_the_range),
        cmocka_unit_test(test_intermediate_numbers_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
