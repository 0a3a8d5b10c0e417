#include "decoder/planar.h"

#include "tests/unit/decoder/rendering.h"

#include <lcms2.h>

static void assert_result(const struct result *result, const char *name, int width, int height) {
    assert_string_equal(result->name, name);
    assert_int_equal(result->width, width);
    assert_int_equal(result->height, height);
    if (name[0] == '\0') {
        assert_int_equal(result->bytes.length, width * height * 4);
        return;
    }
    int real_width = 0;
    int real_height = 0;
    assert_true(WebPGetInfo((const uint8_t *)result->bytes.data, result->bytes.length, &real_width, &real_height));
    assert_int_equal(real_width, width);
    assert_int_equal(real_height, height);
}

static void test_sizes_and_order(void **state) {
    (void)state;
    static const struct {
        int width, height, orientation;
        const char *variants;
        int count;
        struct {
            const char *name;
            int width, height;
        } expected[4];
    } cases[] = {
        {801, 603, 1, "a:100,b:400,c:400", 4, {{"b", 400, 301}, {"c", 400, 301}, {"a", 100, 75}, {"", 100, 75}}},
        {801, 603, 6, "a:40,b:400,c:2000", 4, {{"c", 603, 801}, {"b", 301, 400}, {"a", 30, 40}, {"", 30, 40}}},
        {640, 480, 3, "", 1, {{"", 100, 75}}},
        {1, 1, 7, "a:10", 2, {{"a", 1, 1}, {"", 1, 1}}},
        {900, 2, 5, "a:50,b:900", 3, {{"b", 2, 900}, {"a", 1, 50}, {"", 1, 50}}},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        _cleanup_(planes_free) struct planes planes = photo_planes(cases[index].width, cases[index].height);
        _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
        _cleanup_(setup_free) struct setup setup = {0};
        prepare(&setup, &jpeg, planes.width, planes.height, cases[index].variants);
        setup.job.header.orientation = cases[index].orientation;
        render(&setup);
        assert_int_equal(setup.results.count, cases[index].count);
        for (int place = 0; place < cases[index].count; place++) {
            assert_result(&setup.results.list[place], cases[index].expected[place].name,
                          cases[index].expected[place].width, cases[index].expected[place].height);
        }
    }
}

/* A colour in the corner that is the upper left one once shown: wherever orientation puts it, and in the right colour. */
static void test_orientation_and_colour(void **state) {
    (void)state;
    static const int corner[9][2] = {{0, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}, {0, 1}, {1, 1}, {1, 0}};
    for (int orientation = 1; orientation <= 8; orientation++) {
        _cleanup_(planes_free) struct planes planes = planes_new(400, 400, SAMPLING_420);
        static const int grey[] = {100, 128, 128};
        static const int red[] = {76, 85, 255};
        for (int plane = 0; plane < PLANE_COUNT; plane++) {
            const struct plane *one = &planes.plane[plane];
            int half = one->width / 2;
            memset(one->pixels, grey[plane], (size_t)one->stride * (size_t)one->height);
            for (int y = 0; y < half; y++) {
                memset(sample_at(one, corner[orientation][0] * half, corner[orientation][1] * half + y), red[plane],
                       (size_t)half);
            }
        }
        _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){95, 0});
        _cleanup_(setup_free) struct setup setup = {0};
        prepare(&setup, &jpeg, 400, 400, "a:150");
        setup.job.header.orientation = orientation;
        render(&setup);
        const struct result *variant = &setup.results.list[0];
        int width = 0;
        int height = 0;
        uint8_t *pixels = WebPDecodeRGBA((const uint8_t *)variant->bytes.data, variant->bytes.length, &width, &height);
        assert_non_null(pixels);
        const uint8_t *small = (const uint8_t *)setup.results.list[1].bytes.data;
        static const int near_red[] = {254, 0, 0, 255};
        for (int channel = 0; channel < 4; channel++) {
            assert_true(abs(pixels[(30 * 150 + 30) * 4 + channel] - near_red[channel]) <= 4);
            assert_true(abs(small[(20 * 100 + 20) * 4 + channel] - near_red[channel]) <= 4);
            for (int other = 1; other < 4; other++) {
                int x = other & 1 ? 120 : 30;
                int y = other & 2 ? 120 : 30;
                assert_true(abs(pixels[(y * 150 + x) * 4 + channel] - (channel == 3 ? 255 : 100)) <= 4);
            }
        }
        WebPFree(pixels);
    }
}

static bool suits(const struct buf *jpeg, int width, int height, const char *variants, const struct buf *icc) {
    _cleanup_(setup_free) struct setup setup = {0};
    prepare(&setup, jpeg, width, height, variants);
    setup.job.header.icc = icc != NULL ? icc->data : NULL;
    setup.job.header.icc_size = icc != NULL ? icc->length : 0;
    return planar_suits(&setup.job);
}

static void test_what_it_takes(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(80, 60);
    _cleanup_(buf_free) struct buf baseline = jpeg_of(&planes, (struct jpeg_form){90, 0});
    _cleanup_(buf_free) struct buf progressive = jpeg_of(&planes, (struct jpeg_form){90, TJFLAG_PROGRESSIVE});
    assert_true(suits(&baseline, 80, 60, "a:40", NULL));
    assert_true(suits(&progressive, 80, 60, "a:40:webp:90,b:20", NULL));
    assert_true(suits(&baseline, 80, 60, "", NULL));
    assert_false(suits(&baseline, 80, 60, "a:40,b:20:jpeg", NULL));
    assert_false(suits(&baseline, 80, 60, "a:40:avif", NULL));
    assert_false(suits(&baseline, 81, 60, "a:40", NULL)); /* the header is of another picture */
    _cleanup_(buf_free) struct buf full_chroma = jpeg_of_kind(80, 60, TJSAMP_444, TJPF_RGB);
    assert_true(suits(&full_chroma, 80, 60, "a:40", NULL));
    _cleanup_(buf_free) struct buf cmyk = jpeg_of_kind(80, 60, TJSAMP_444, TJPF_CMYK);
    assert_false(suits(&cmyk, 80, 60, "a:40", NULL));
    baseline.length -= 2; /* no end marker */
    assert_false(suits(&baseline, 80, 60, "a:40", NULL));
    baseline.length = 0;
    assert_false(suits(&baseline, 80, 60, "a:40", NULL));
}

static void test_profiles(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(80, 60);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
    cmsHPROFILE profile = cmsCreate_sRGBProfile();
    _cleanup_(buf_free) struct buf icc = {0};
    cmsUInt32Number size = 8192;
    assert_true(cmsSaveProfileToMem(profile, buf_reserve(&icc, size), &size));
    cmsCloseProfile(profile);
    icc.length = size;
    assert_true(suits(&jpeg, 80, 60, "a:40", &icc));
    icc.length = 100;
    assert_false(suits(&jpeg, 80, 60, "a:40", &icc));
    _cleanup_(buf_free) struct buf wide = wide_profile();
    assert_true(suits(&jpeg, 80, 60, "a:40", &wide));
}

static void test_an_error_of_the_sink_ends_it(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(300, 200);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
    for (size_t refuse_at = 0; refuse_at < 3; refuse_at++) {
        _cleanup_(setup_free) struct setup setup = {0};
        prepare(&setup, &jpeg, 300, 200, "a:50,b:200");
        setup.results.refuse_at = refuse_at;
        struct error err = {0};
        assert_false(planar_render(&setup.job, keep, &setup.results, &err));
        assert_int_equal(err.code, ERROR_INTERNAL);
        assert_int_equal(setup.results.count, refuse_at);
    }
}

/* Damage in the middle: no crash, and what is decoded is handed on, or the error is the picture's. */
static void test_damaged_data(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(320, 240);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, TJFLAG_PROGRESSIVE});
    for (int seed = 0; seed < 40; seed++) {
        _cleanup_(buf_free) struct buf damaged = {0};
        buf_append(&damaged, jpeg.data, jpeg.length);
        for (int hit = 0; hit < 8; hit++) {
            size_t place = (size_t)(noise(seed, hit, 1) * 256 + noise(seed, hit, 2)) % jpeg.length;
            damaged.data[place] = (char)noise(seed, hit, 3);
        }
        _cleanup_(setup_free) struct setup setup = {0};
        prepare(&setup, &damaged, 320, 240, "a:100,b:300");
        struct error err = {0};
        bool rendered = planar_render(&setup.job, keep, &setup.results, &err);
        assert_true(rendered ? setup.results.count == 3 : err.code == ERROR_DECODE_FAILED);
    }
}

/* The JPEG with an EXIF orientation, as libvips finds it. */
static struct buf with_orientation(const struct buf *jpeg, int orientation) {
    static const char exif[] = "\xFF\xE1\x00\x22"
                               "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
    const char rest[] = {(char)orientation, 0, 0, 0, 0, 0, 0, 0};
    struct buf turned = {0};
    buf_append(&turned, jpeg->data, 2);
    buf_append(&turned, exif, sizeof exif - 1);
    buf_append(&turned, rest, sizeof rest);
    buf_append(&turned, jpeg->data + 2, jpeg->length - 2);
    return turned;
}

/* An independent renderer, in every orientation, odd sizes, with and without reduced DCTs. */
static void test_like_libvips(void **state) {
    (void)state;
    static const struct {
        int width, height, flags;
        const char *variants;
    } cases[] = {{1203, 805, 0, "a:400:webp:95,b:150:webp:95"},
                 {2401, 1601, TJFLAG_PROGRESSIVE, "a:401:webp:95,b:60:webp:95"},
                 {301, 203, 0, "a:1000:webp:95,b:100:webp:95"}};
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        _cleanup_(planes_free) struct planes planes = photo_planes(cases[index].width, cases[index].height);
        _cleanup_(buf_free) struct buf upright = jpeg_of(&planes, (struct jpeg_form){92, cases[index].flags});
        for (int orientation = 1; orientation <= 8; orientation++) {
            _cleanup_(buf_free) struct buf jpeg = with_orientation(&upright, orientation);
            _cleanup_(setup_free) struct setup setup = {0};
            struct picture_metadata metadata;
            struct results vips = {.refuse_at = RESULTS_MAX};
            struct error err = {0};
            prepare(&setup, &jpeg, 0, 0, cases[index].variants);
            assert_true(vips_picture_read_header(setup.job.input_fd, PICTURE_TYPE_JPEG, false, &setup.job.header,
                                                 &metadata, &err));
            assert_int_equal(setup.job.header.orientation, orientation);
            render(&setup);
            if (!vips_render(&setup.job, keep, &vips, &err)) {
                fail_msg("%s", err.message);
            }
            assert_same_results(&setup.results, &vips);
            results_free(&vips);
        }
    }
}

/* Whatever is cut off: the first renderer that takes it says what libvips says. */
static void test_truncated_like_libvips(void **state) {
    (void)state;
    _cleanup_(planes_free) struct planes planes = photo_planes(320, 240);
    _cleanup_(buf_free) struct buf jpeg = jpeg_of(&planes, (struct jpeg_form){90, 0});
    static const size_t cut[] = {0, 1, 2, 3, 10, 500, 3000};
    for (size_t index = 0; index < sizeof cut / sizeof *cut; index++) {
        _cleanup_(buf_free) struct buf part = {0};
        buf_append(&part, jpeg.data, jpeg.length - cut[index]);
        _cleanup_(setup_free) struct setup setup = {0};
        prepare(&setup, &part, 320, 240, "a:100");
        bool is_mine = renderers[0].suits(&setup.job);
        assert_string_equal(renderers[0].name, "planar");
        assert_true(is_mine == (cut[index] == 0));
        struct error err = {0};
        bool is_good = vips_render(&setup.job, keep, &setup.results, &err);
        assert_true(is_good || err.code == ERROR_DECODE_FAILED);
        assert_true(is_good || !is_mine);
    }
}

int main(void) {
    struct error err = {0};
    if (!vips_picture_start("test_planar", &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_and_order), cmocka_unit_test(test_orientation_and_colour),
        cmocka_unit_test(test_what_it_takes),   cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_damaged_data),    cmocka_unit_test(test_an_error_of_the_sink_ends_it),
        cmocka_unit_test(test_like_libvips),    cmocka_unit_test(test_truncated_like_libvips),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
