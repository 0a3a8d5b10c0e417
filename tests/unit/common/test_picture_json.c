#include "common/picture_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_json(const struct picture_metadata *metadata, const char *expected) {
    _cleanup_(json_freep) json_t *value = picture_metadata_json(metadata);
    _cleanup_(freep) char *text = json_to_text(value);
    assert_string_equal(text, expected);
}

static void everything_that_is_there(void **state) {
    (void)state;
    struct picture_metadata metadata = {
        .camera_make = "Caf\xc3\xa9",
        .camera_model = "X\"1",
        .lens = "35mm",
        .taken_at = "2024-05-06T07:08:09+02:00",
        .exposure_s = 0.25,
        .aperture = 1.5,
        .iso = 200,
        .focal_length_mm = 35,
        .orientation = 6,
        .has_gps = true,
        .latitude = 1.5,
        .longitude = -2.5,
        .has_altitude = true,
        .altitude_m = 0,
    };
    assert_json(&metadata,
                "{\"camera_make\":\"Caf\xc3\xa9\",\"camera_model\":\"X\\\"1\",\"lens\":\"35mm\","
                "\"taken_at\":\"2024-05-06T07:08:09+02:00\",\"exposure_s\":0.25,\"aperture\":1.5,\"iso\":200,"
                "\"focal_length_mm\":35.0,\"orientation\":6,"
                "\"gps\":{\"latitude\":1.5,\"longitude\":-2.5,\"altitude_m\":0.0}}");
    metadata.has_altitude = false;
    metadata.latitude = 0;
    metadata.longitude = 0;
    _cleanup_(json_freep) json_t *value = picture_metadata_json(&metadata);
    assert_null(json_object_get(json_object_get(value, "gps"), "altitude_m"));
    assert_true(json_is_real(json_object_get(json_object_get(value, "gps"), "latitude")));
}

static void nothing_that_is_not(void **state) {
    (void)state;
    const struct picture_metadata metadata = {.latitude = 1, .longitude = 1, .has_gps = false};
    assert_json(&metadata, "{}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_is_there),
        cmocka_unit_test(nothing_that_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
