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

/* As an upload's answer has them, as XML has them, and as they are. */
static void etags_come_in_three_forms(void **state) {
    (void)state;
    static const char *const forms[] = {"abc-2", "\\\"abc-2\\\"", "&quot;abc-2&quot;", "&#34;abc-2&#34;"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        _cleanup_(multipart_parts_free) struct multipart_parts parts = {0};
        _cleanup_(buf_free) struct buf text = {0};
        struct error error = {0};
        buf_printf(&text, "{\"parts\":[{\"PartNumber\":1,\"ETag\":\"%s\"}]}", forms[i]);
        assert_true(read_fields(text.data, &parts, &error));
        assert_string_equal(parts.items[0].etag, "abc-2");
    }
}

static void expect_numbers(const char *text, size_t count, int last) {
    struct part_numbers numbers;
    struct error error = {0};
    assert_true(part_numbers_read(text, &numbers, &error));
    assert_int_equal(numbers.count, count);
    assert_int_equal(numbers.items[count - 1], last);
}

static void numbers_are_listed_by_commas(void **state) {
    (void)state;
    expect_numbers("1", 1, 1);
    expect_numbers("3,1,2", 3, 2);
    expect_numbers("1,10000,1", 2, 10000);
}

static void other_numbers_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {NULL,    "",    ",",    "1,", ",1",       "0",
                                        "10001", "1,x", "1 ,2", "-1", "00000001", "99999999999"};
    struct part_numbers numbers;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        assert_false(part_numbers_read(wrong[i], &numbers, &error));
        assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
    }
    _cleanup_(buf_free) struct buf many = {0};
    for (int i = 1; i <= PART_NUMBERS_MAX; i++) {
        buf_printf(&many, "%s%d", i == 1 ? "" : ",", i);
    }
    struct error error = {0};
    assert_true(part_numbers_read(many.data, &numbers, &error));
    buf_append_text(&many, ",1001");
    assert_false(part_numbers_read(many.data, &numbers, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_sorted_and_bare), cmocka_unit_test(other_lists_are_refused),
        cmocka_unit_test(etags_come_in_three_forms), cmocka_unit_test(numbers_are_listed_by_commas),
        cmocka_unit_test(other_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
