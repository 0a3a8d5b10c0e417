#include "api/json_writer.h"
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void values_are_written_in_order(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf out = {0};
    struct json_writer writer = json_writer_to(&out);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "text", "a");
    json_writer_text(&writer, "nothing", NULL);
    json_writer_int(&writer, "number", -5);
    json_writer_bool(&writer, "yes", true);
    json_writer_raw(&writer, "raw", "{\"x\":1}");
    json_writer_open(&writer, "list", '[');
    json_writer_int(&writer, NULL, 1);
    json_writer_open(&writer, NULL, '{');
    json_writer_close(&writer, '}');
    json_writer_close(&writer, ']');
    json_writer_open(&writer, "empty", '[');
    json_writer_close(&writer, ']');
    json_writer_bool(&writer, "no", false);
    json_writer_close(&writer, '}');
    assert_string_equal(out.data, "{\"text\":\"a\",\"nothing\":null,\"number\":-5,\"yes\":true,\"raw\":{\"x\":1},"
                                  "\"list\":[1,{}],\"empty\":[],\"no\":false}");
}

static void an_object_is_gone_on_with(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf out = {0};
    buf_append_text(&out, "{\"a\":1}");
    struct json_writer writer = json_writer_reopen(&out);
    json_writer_int(&writer, "b", 2);
    json_writer_close(&writer, '}');
    assert_string_equal(out.data, "{\"a\":1,\"b\":2}");
}

static void expect_back(const char *text, size_t length, const char *expected, size_t expected_length) {
    _cleanup_(buf_free) struct buf out = {0};
    struct json_writer writer = json_writer_to(&out);
    json_writer_text_of(&writer, NULL, text, length);
    json_error_t problem;
    _cleanup_(json_freep) json_t *value = json_loadb(out.data, out.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    assert_non_null(value);
    assert_int_equal(json_string_length(value), expected_length);
    assert_memory_equal(json_string_value(value), expected, expected_length);
}

static void strings_survive_a_parser(void **state) {
    (void)state;
    static const char *const texts[] = {"",        "plain",     "\"\\/\b\f\n\r\t", "\x01\x1f\x7f",
                                        "Größe 😀", "</script>", "\u2028"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect_back(texts[i], strlen(texts[i]), texts[i], strlen(texts[i]));
    }
    expect_back("a\0b", 3, "a\0b", 3);
}

static void what_is_no_utf8_is_replaced(void **state) {
    (void)state;
    expect_back("a\xff"
                "b",
                3,
                "a\xef\xbf\xbd"
                "b",
                5);
    expect_back("\xc3", 1, "\xef\xbf\xbd", 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_in_order),
        cmocka_unit_test(an_object_is_gone_on_with),
        cmocka_unit_test(strings_survive_a_parser),
        cmocka_unit_test(what_is_no_utf8_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
