#include "api/media_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *text, const char *expected) {
    char type[MEDIA_TYPE_SIZE];
    assert_true(media_type_normalize(text, type));
    assert_string_equal(type, expected);
}

static void types_become_lower_case(void **state) {
    (void)state;
    expect("Image/PNG", "image/png");
    expect("application/vnd.openxmlformats-officedocument.wordprocessingml.document",
           "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    expect("Text/Plain; Charset=UTF-8", "text/plain; charset=UTF-8");
    expect("a/b;c=\"d;\\\"e\";f=g", "a/b;c=\"d;\\\"e\";f=g");
}

static void what_is_no_type_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",       "a",      "/",         "a/",          "/b",  "a/b/c",    "a b/c", "a/b;",      "a/b; c",
        "a/b;c=", "a/b;=d", "a/b;c=\"d", "a/b\r\nX: y", "a/ö", "a/b, c/d", " a/b",  "a/b;c=d e", "text/html<script>"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char type[MEDIA_TYPE_SIZE];
        assert_false(media_type_normalize(wrong[i], type));
    }
}

static void the_length_is_bounded(void **state) {
    (void)state;
    char text[MEDIA_TYPE_SIZE + 1] = "a/";
    memset(text + 2, 'b', sizeof text - 3);
    text[MEDIA_TYPE_SIZE] = '\0';
    char type[MEDIA_TYPE_SIZE];
    assert_false(media_type_normalize(text, type));
    text[MEDIA_TYPE_SIZE - 1] = '\0';
    assert_true(media_type_normalize(text, type));
}

static void fields_are_recognised(void **state) {
    (void)state;
    assert_true(media_type_is_fields("application/x-www-form-urlencoded"));
    assert_true(media_type_is_fields("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
    assert_false(media_type_is_fields("application/x-www-form-urlencode"));
    assert_false(media_type_is_fields("application/x-www-form-urlencoded2"));
    assert_false(media_type_is_fields("multipart/form-data"));
    assert_false(media_type_is_fields(""));
}

static void json_is_recognised(void **state) {
    (void)state;
    assert_true(media_type_is_json("application/json"));
    assert_true(media_type_is_json("Application/JSON; charset=utf-8"));
    assert_true(media_type_is_json("application/cloudevents+json"));
    assert_false(media_type_is_json("text/plain"));
    assert_false(media_type_is_json("application/jsonp"));
    assert_false(media_type_is_json(""));
}

static void only_raster_images_are_shown_in_place(void **state) {
    (void)state;
    assert_true(media_type_is_inline_image("image/png"));
    assert_true(media_type_is_inline_image("image/avif"));
    assert_false(media_type_is_inline_image("image/svg+xml"));
    assert_false(media_type_is_inline_image("text/html"));
    assert_false(media_type_is_inline_image(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_become_lower_case), cmocka_unit_test(what_is_no_type_is_refused),
        cmocka_unit_test(the_length_is_bounded),   cmocka_unit_test(json_is_recognised),
        cmocka_unit_test(fields_are_recognised),   cmocka_unit_test(only_raster_images_are_shown_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
