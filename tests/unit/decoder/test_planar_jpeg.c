#include "decoder/planar_jpeg.h"

#include "tests/unit/decoder/planar_pictures.h"

static struct planes decoded(const struct buf *bytes, int reduction) {
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = planar_jpeg_open(bytes->data, bytes->length);
    assert_non_null(jpeg);
    struct planes planes = {0};
    struct error err = {0};
    if (!planar_jpeg_decode(jpeg, reduction, &planes, &err)) {
        fail_msg("%s", err.message);
    }
    return planes;
}

static void test_planes_come_back(void **state) {
    (void)state;
    static const int sizes[][2] = {{64, 48}, {65, 49}, {1, 1}, {3, 200}, {1000, 17}};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        _cleanup_(planes_free) struct planes planes = photo_planes(sizes[index][0], sizes[index][1]);
        for (int way = 0; way < 2; way++) {
            struct jpeg_form form = {95, way == 0 ? 0 : TJFLAG_PROGRESSIVE};
            _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, form);
            _cleanup_(planes_free) struct planes back = decoded(&jpeg, 1);
            for (int plane = 0; plane < PLANE_COUNT; plane++) {
                assert_true(psnr(&planes.plane[plane], &back.plane[plane]) > 36);
            }
        }
    }
}

/* TurboJPEG writes one more row of Y when the height is odd. */
static void test_no_plane_runs_into_the_next(void **state) {
    (void)state;
    static const uint8_t values[] = {200, 60, 90};
    for (int side = 1; side <= 40; side++) {
        _cleanup_(planes_free) struct planes planes = planes_new(65, side, SAMPLING_420);
        for (int index = 0; index < PLANE_COUNT; index++) {
            const struct plane *plane = &planes.plane[index];
            memset(plane->pixels, values[index],
                   (size_t)plane->stride * (size_t)(index == PLANE_Y ? (side + 1) / 2 * 2 : plane->height));
        }
        _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){95, 0});
        for (int reduction = 1; reduction <= 8; reduction *= 2) {
            _cleanup_(planes_free) struct planes back = decoded(&jpeg, reduction);
            for (int index = 0; index < PLANE_COUNT; index++) {
                for (int x = 0; x < back.plane[index].width; x++) {
                    if (abs(*sample_at(&back.plane[index], x, 0) - values[index]) > 2) {
                        fail_msg("65 x %d by %d: plane %d begins with %d", side, reduction, index,
                                 *sample_at(&back.plane[index], x, 0));
                    }
                }
            }
        }
    }
}

static void test_reductions_round_up(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = planes_new(131, 67, SAMPLING_420);
    memset(planes.memory, 90, (size_t)planes.plane[0].stride * 67);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
    for (int reduction = 1; reduction <= 8; reduction *= 2) {
        _cleanup_(planes_free) struct planes small = decoded(&jpeg, reduction);
        assert_int_equal(small.width, (131 + reduction - 1) / reduction);
        assert_int_equal(small.height, (67 + reduction - 1) / reduction);
        assert_true(abs(*sample_at(&small.plane[PLANE_Y], 3, 3) - 90) <= 1);
        assert_true(abs(*sample_at(&small.plane[PLANE_U], 3, 3) - 0) <= 1);
    }
}

/* A square of one colour in each sampling that there is, and in grey. */
static void test_samplings(void **state) {
    (void)state;
    static const struct {
        int sampling, across, down;
    } cases[] = {{TJSAMP_444, 1, 1}, {TJSAMP_422, 2, 1}, {TJSAMP_420, 2, 2}, {TJSAMP_440, 1, 2}, {TJSAMP_411, 4, 1}};
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        for (int side = 13; side <= 33; side += 5) {
            for (int reduction = 1; reduction <= 8; reduction *= 2) {
                _cleanup_(buf_free) struct buf jpeg = jpeg_of_colour(side, side, cases[index].sampling);
                _cleanup_(planes_free) struct planes planes = decoded(&jpeg, reduction);
                assert_int_equal(planes.sampling.across, cases[index].across);
                assert_int_equal(planes.sampling.down, cases[index].down);
                static const int orange[] = {151, 43, 199}; /* 250, 130, 0 */
                for (int plane = 0; plane < PLANE_COUNT; plane++) {
                    const struct plane *one = &planes.plane[plane];
                    for (int y = 0; y < one->height; y++) {
                        for (int x = 0; x < one->width; x++) {
                            assert_true(abs(*sample_at(one, x, y) - orange[plane]) <= 3);
                        }
                    }
                }
            }
        }
    }
    _cleanup_(buf_free) struct buf grey = jpeg_of_kind(40, 31, TJSAMP_GRAY, TJPF_GRAY);
    _cleanup_(planes_free) struct planes planes = decoded(&grey, 2);
    assert_int_equal(*sample_at(&planes.plane[PLANE_U], 3, 3), 128);
    assert_int_equal(*sample_at(&planes.plane[PLANE_V], planes.plane[PLANE_V].width - 1, 0), 128);
}

static void test_other_kinds_are_refused(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf cmyk = jpeg_of_kind(40, 30, TJSAMP_420, TJPF_CMYK);
    assert_null(planar_jpeg_open(cmyk.data, cmyk.length));
    assert_null(planar_jpeg_open("\x89PNG\r\n\x1a\n", 8));
    assert_null(planar_jpeg_open("", 0));
}

/* Every length that ends in the header is refused or, from the scan on, decoded with what is there. */
static void test_truncated(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(200, 150);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
    for (size_t length = 0; length < jpeg.length; length += length < 700 ? 1 : 997) {
        struct buf part = {0};
        buf_append(&part, jpeg.data, length);
        _cleanup_(planar_jpeg_freep) struct planar_jpeg *opened = planar_jpeg_open(part.data, part.length);
        if (opened != NULL) {
            struct error err = {0};
            _cleanup_(planes_free) struct planes back = {0};
            assert_true(planar_jpeg_decode(opened, 1, &back, &err) || err.code == ERROR_DECODE_FAILED);
        } else {
            assert_true(length < 700);
        }
        buf_free(&part);
    }
    jpeg.length = jpeg.length * 3 / 4;
    _cleanup_(planes_free) struct planes most = decoded(&jpeg, 1);
    most.plane[PLANE_Y].height = planes.plane[PLANE_Y].height = 64;
    assert_true(psnr(&planes.plane[PLANE_Y], &most.plane[PLANE_Y]) > 33); /* the part that came */
}

/* Its own block, so that reading behind the end is seen. */
static bool is_whole(const char *bytes, size_t length) {
    char *part = xmalloc(length + 1);
    memcpy(part, bytes, length);
    part = xrealloc(part, length > 0 ? length : 1);
    bool whole = planar_jpeg_is_whole(part, length);
    free(part);
    return whole;
}

static void test_only_a_whole_file_is_whole(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = noise_planes(50, 40, 1);
    for (int way = 0; way < 2; way++) {
        struct jpeg_form form = {98, way == 0 ? 0 : TJFLAG_PROGRESSIVE};
        _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, form);
        for (size_t length = 0; length < jpeg.length; length++) {
            assert_false(is_whole(jpeg.data, length));
        }
        assert_true(is_whole(jpeg.data, jpeg.length));
        buf_append_text(&jpeg, "what a camera puts behind the end");
        assert_true(is_whole(jpeg.data, jpeg.length));
    }
    assert_true(is_whole("\xFF\xD8\xFF\xFF\xFF\xFE\x00\x04\xFF\xD9\xFF\xD9", 12)); /* fill bytes, a comment */
    assert_false(is_whole("\xFF\xD8\xFF\xFE\x00\x04\xFF\xD9", 8));                 /* the end is in the comment */
}

static void test_endless_scans_are_not_whole(void **state) {
    (void)state;
    for (int scans = 100; scans <= 101; scans++) {
        _cleanup_(buf_free) struct buf jpeg = {0};
        buf_append(&jpeg, "\xFF\xD8", 2);
        for (int scan = 0; scan < scans; scan++) {
            buf_append(&jpeg,
                       "\xFF\xDA\x00\x03\x00\xFF\x00\xFF\xD3"
                       "data",
                       13);
        }
        buf_append(&jpeg, "\xFF\xD9", 2);
        assert_true(is_whole(jpeg.data, jpeg.length) == (scans == 100));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes_come_back),           cmocka_unit_test(test_no_plane_runs_into_the_next),
        cmocka_unit_test(test_reductions_round_up),        cmocka_unit_test(test_samplings),
        cmocka_unit_test(test_other_kinds_are_refused),    cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_only_a_whole_file_is_whole), cmocka_unit_test(test_endless_scans_are_not_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
