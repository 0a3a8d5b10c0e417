#include "api/request_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *raw, size_t count, const char *last) {
    _cleanup_(request_path_free) struct request_path path = {0};
    struct error error = {0};
    assert_true(request_path_parse(raw, &path, &error));
    assert_int_equal(path.count, count);
    assert_string_equal(path.segments[count - 1], last);
}

static void a_path_is_split_and_then_decoded(void **state) {
    (void)state;
    expect("/", 1, "");
    expect("/files", 1, "files");
    expect("/files/", 2, "");
    expect("/a/b%2Fc", 2, "b/c");
    expect("/a/%C3%B6", 2, "ö");
    expect("/a/%2e%2e", 2, "..");
    expect("/a/b+c", 2, "b+c");
}

static void broken_encodings_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"/%", "/%z1", "/a%0", "/%00", "/%ff", "/\xff", "/%ed%a0%80", "/ok/%c3"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct request_path path;
        struct error error = {0};
        assert_false(request_path_parse(wrong[i], &path, &error));
        assert_int_equal(error.code, ERROR_BAD_REQUEST);
    }
}

static void deep_paths_are_counted_no_further(void **state) {
    (void)state;
    _cleanup_(request_path_free) struct request_path path = {0};
    struct error error = {0};
    assert_true(request_path_parse("/1/2/3/4/5/6/7/8/9/10/11", &path, &error));
    assert_int_equal(path.count, REQUEST_PATH_SEGMENTS_MAX + 1);
    assert_string_equal(path.segments[7], "8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_split_and_then_decoded),
        cmocka_unit_test(broken_encodings_are_refused),
        cmocka_unit_test(deep_paths_are_counted_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
