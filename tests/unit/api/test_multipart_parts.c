#include "api/multipart_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool read_fields(const char *text, struct multipart_parts *ret_parts, struct error *err) {
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, &json, err));
    json_reader_start(&reader, json);
    return multipart_parts_read(&reader, ret_parts, err);
}

static void parts_are_sorted_and_bare(void **state) {
    (void)state;
    _cleanup_(multipart_parts_free) struct multipart_parts parts = {0};
    struct error error = {0};
    assert_true(read_fields("{\"parts\":[{\"PartNumber\":2,\"ETag\":\"\\\"b\\\"\"},{\"PartNumber\":1,\"ETag\":\"a\"}]}",
                            &parts, &error));
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.items[0].number, 1);
    assert_string_equal(parts.items[0].etag, "a");
    assert_string_equal(parts.items[1].etag, "b");
}

static void other_lists_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "{\"parts\":[]}",
        "{\"parts\":{}}",
        "{\"parts\":[1]}",
        "{\"parts\":[{\"PartNumber\":0,\"ETag\":\"a\"}]}",
        "{\"parts\":[{\"PartNumber\":10001,\"ETag\":\"a\"}]}",
        "{\"parts\":[{\"PartNumber\":1}]}",
        "{\"parts\":[{\"PartNumber\":1,\"ETag\":\"a b\"}]}",
        "{\"parts\":[{\"PartNumber\":1,\"ETag\":\"</ETag>\"}]}",
        "{\"parts\":[{\"PartNumber\":1,\"ETag\":\"a\"},{\"PartNumber\":1,\"ETag\":\"b\"}]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        _cleanup_(multipart_parts_free) struct multipart_parts parts = {0};
        struct error error = {0};
        assert_false(read_fields(wrong[i], &parts, &error));
        assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_sorted_and_bare),
        cmocka_unit_test(other_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
