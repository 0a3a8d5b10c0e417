#include "common/picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE(type, literal)                                                                                          \
    { PICTURE_TYPE_##type, literal, sizeof(literal) - 1 }

static void bytes_tell_the_type(void **state) {
    (void)state;
    static const struct {
        enum picture_type type;
        const char *bytes;
        size_t length;
    } samples[] = {
        SAMPLE(JPEG, "\xff\xd8\xff\xe0\0\x10JFIF\0"),
        SAMPLE(PNG, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        SAMPLE(GIF, "GIF87a\1\0\1\0"),
        SAMPLE(GIF, "GIF89a\1\0\1\0"),
        SAMPLE(WEBP, "RIFF\x24\0\0\0WEBPVP8 "),
        SAMPLE(TIFF, "II*\0\x08\0\0\0"),
        SAMPLE(TIFF, "MM\0*\0\0\0\x08"),
        SAMPLE(TIFF, "II+\0\x08\0\0\0"),
        SAMPLE(AVIF, "\0\0\0\x20"
                     "ftypavif\0\0\0\0avifmif1miaf"),
        SAMPLE(AVIF, "\0\0\0\x18"
                     "ftypmif1\0\0\0\0mif1avif"),
        SAMPLE(HEIC, "\0\0\0\x18"
                     "ftypheic\0\0\0\0mif1heic"),
        SAMPLE(HEIC, "\0\0\0\x14"
                     "ftypmif1\0\0\0\0mif1avif"), /* beyond the box's end */
        SAMPLE(NONE, "\0\0\0\x18"
                     "ftypisom\0\0\0\0mif1avif"), /* a film */
        SAMPLE(NONE, "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        SAMPLE(NONE, "%PDF-1.7\n\xff\xd8\xff"),
        SAMPLE(NONE, "push graphic-context\nviewbox 0 0 640 480"),
        SAMPLE(NONE, "BM\x46\0\0\0\0\0\0\0"),
        SAMPLE(NONE, "RIFF\x24\0\0\0WAVEfmt "),
        SAMPLE(NONE, "\xff\xd8"),
        SAMPLE(NONE, ""),
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        if (picture_type_of(samples[i].bytes, samples[i].length) != samples[i].type) {
            fail_msg("sample %zu", i);
        }
    }
    assert_string_equal(picture_type_name(PICTURE_TYPE_AVIF), "image/avif");
    assert_null(picture_type_name(PICTURE_TYPE_NONE));
    assert_null(picture_type_name(PICTURE_TYPE_COUNT));
}

static struct picture_metadata sensible(void) {
    return (struct picture_metadata){
        .camera_make = "Caf\xc3\xa9",
        .exposure_s = 0.01,
        .aperture = 1.8,
        .iso = 100,
        .focal_length_mm = 4.2,
        .orientation = 6,
        .has_gps = true,
        .latitude = -90,
        .longitude = 180,
    };
}

static void metadata_within_its_ranges_is_valid(void **state) {
    (void)state;
    struct picture_metadata metadata = sensible();
    assert_true(picture_metadata_valid(&metadata));
    metadata = (struct picture_metadata){0};
    assert_true(picture_metadata_valid(&metadata));
}

#define assert_invalid(change)                                                                                         \
    do {                                                                                                               \
        struct picture_metadata m = sensible();                                                                        \
        change;                                                                                                        \
        assert_false(picture_metadata_valid(&m));                                                                      \
    } while (0)

static void metadata_outside_is_not(void **state) {
    (void)state;
    assert_invalid(memset(m.camera_model, 'x', sizeof m.camera_model));
    assert_invalid(memcpy(m.lens, "\xff", 2));
    assert_invalid(memcpy(m.camera_make, "\xc3", 2));
    assert_invalid(memset(m.taken_at, '1', sizeof m.taken_at));
    assert_invalid(m.exposure_s = (double)NAN);
    assert_invalid(m.exposure_s = -1);
    assert_invalid(m.aperture = (double)INFINITY);
    assert_invalid(m.focal_length_mm = 1e9);
    assert_invalid(m.iso = -1);
    assert_invalid(m.orientation = 9);
    assert_invalid(m.orientation = -1);
    assert_invalid(m.latitude = 90.1);
    assert_invalid(m.longitude = (double)NAN);
    assert_invalid(m.altitude_m = 1e300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_tell_the_type),
        cmocka_unit_test(metadata_within_its_ranges_is_valid),
        cmocka_unit_test(metadata_outside_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
