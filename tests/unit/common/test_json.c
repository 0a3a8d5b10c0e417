#include "common/json.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool parses(const char *bytes, size_t length) {
    _cleanup_(json_freep) json_t *value = NULL;
    struct error err = {0};
    bool parsed = json_parse(bytes, length, JSON_MAX_DEPTH, &value, &err);
    assert_int_equal(parsed, value != NULL);
    assert_int_equal(parsed, err.code == ERROR_NONE);
    assert_true(parsed || err.code == ERROR_MALFORMED_JSON);
    return parsed;
}

static void texts_that_are_json(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "0",
        "-0",
        "1.5e3",
        "\"\"",
        " \t\r\n{} ",
        "{\"a\":[1,{\"b\":null}]}",
        "\"\\u00e9\\ud83d\\ude00\"",
        "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
        "\"a\\\"]]]{{{\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!parses(texts[i], strlen(texts[i]))) {
            fail_msg("%s", texts[i]);
        }
    }
}

static void texts_that_are_not(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "01",
        "+1",
        ".5",
        "1.",
        "NaN",
        "Infinity",
        "tru",
        "{} {}",
        "\"\t\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\u0000\"",
        "{\"a\" 1}",
        "\xef\xbb\xbf{}",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "\"\xed\xa0\x80\"",
        "{\"a\":1,\"a\":2}",
        "1e400",
        "-1e400",
        "18446744073709551616",
        "9223372036854775808",
        "/* */ 1",
        "{\"\\u0000\":1}",
        "[\"a\x00\"]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parses(texts[i], strlen(texts[i]))) {
            fail_msg("%s", texts[i]);
        }
    }
    assert_false(parses("{}\0", 3));
    assert_false(parses("\"a\0b\"", 5));
}

static void nesting_is_bounded_before_anything_recurses(void **state) {
    (void)state;
    enum { BOMB = 100000 };
    static char bomb[2 * BOMB];
    memset(bomb, '[', BOMB);
    memset(bomb + BOMB, ']', BOMB);
    assert_false(parses(bomb, sizeof bomb));
    assert_false(parses(bomb, BOMB));
    for (size_t i = 0; i < BOMB / 5; i++) {
        memcpy(bomb + 5 * i, "{\"\":[", 5);
    }
    assert_false(parses(bomb, BOMB));
    char edge[2 * JSON_MAX_DEPTH + 2];
    memset(edge, '[', JSON_MAX_DEPTH);
    memset(edge + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    assert_true(parses(edge, (size_t)2 * JSON_MAX_DEPTH));
    memset(edge, '[', JSON_MAX_DEPTH + 1);
    memset(edge + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    assert_false(parses(edge, sizeof edge));
}

static json_t *value_of(const char *text) {
    json_t *value = NULL;
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, &value, NULL));
    return value;
}

/* The complaints as `field: message` lines; the caller frees them. */
static char *complaints_of(const struct json_reader *reader) {
    struct buf text = {0};
    size_t index = 0;
    const json_t *complaint = NULL;
    json_array_foreach (reader->complaints, index, complaint) {
        buf_printf(&text, "%s: %s\n", json_text(complaint, "field"), json_text(complaint, "message"));
    }
    return buf_take(&text);
}

static void a_reader_gives_typed_values(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *value = value_of("{\"t\":\"text\",\"n\":-5,\"a\":[1],\"z\":null}");
    _cleanup_(json_reader_free) struct json_reader reader;
    json_reader_start(&reader, value);
    assert_string_equal(json_read_text(&reader, "t", 4, true), "text");
    assert_int_equal(json_read_int(&reader, "n", -5, 5, true, 0), -5);
    assert_int_equal(json_array_size(json_read_array(&reader, "a", 1, true)), 1);
    assert_null(json_read_text(&reader, "z", 4, false));
    assert_null(json_read_text(&reader, "absent", 4, false));
    assert_int_equal(json_read_int(&reader, "absent", 0, 1, false, 42), 42);
    assert_null(json_read_array(&reader, "absent", 4, false));
    assert_true(json_reader_ok(&reader));
}

/* As some clients write them; one that is not exact may be its neighbour. */
static void a_number_without_a_fraction_is_an_integer(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *value =
        value_of("{\"a\":17.0,\"b\":-1e3,\"c\":1e300,\"d\":9007199254740994.0,\"e\":0.5}");
    _cleanup_(json_reader_free) struct json_reader reader;
    json_reader_start(&reader, value);
    assert_int_equal(json_read_int(&reader, "a", 0, 17, true, 7), 17);
    assert_int_equal(json_read_int(&reader, "b", -1000, 0, true, 7), -1000);
    assert_true(json_reader_ok(&reader));
    assert_int_equal(json_read_int(&reader, "c", INT64_MIN, INT64_MAX, true, 7), 7);
    assert_int_equal(json_read_int(&reader, "d", INT64_MIN, INT64_MAX, true, 7), 7);
    assert_int_equal(json_read_int(&reader, "e", INT64_MIN, INT64_MAX, true, 7), 7);
    _cleanup_(freep) char *complaints = complaints_of(&reader);
    assert_string_equal(complaints, "c: must be an integer\nd: must be an integer\ne: must be an integer\n");
}

static void a_reader_collects_every_complaint(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *value = value_of("{\"long\":\"12345\",\"empty\":\"\",\"number\":1.5,\"big\":11,"
                                                   "\"text\":\"1\",\"none\":[],\"many\":[1,2],\"z\":null}");
    _cleanup_(json_reader_free) struct json_reader reader;
    json_reader_start(&reader, value);
    assert_null(json_read_text(&reader, "long", 4, true));
    assert_null(json_read_text(&reader, "empty", 4, true));
    assert_null(json_read_text(&reader, "big", 4, true));
    assert_null(json_read_text(&reader, "z", 4, true));
    assert_int_equal(json_read_int(&reader, "number", 0, 10, false, 7), 7);
    assert_int_equal(json_read_int(&reader, "big", 0, 10, false, 7), 7);
    assert_int_equal(json_read_int(&reader, "text", 0, 10, false, 7), 7);
    assert_null(json_read_array(&reader, "none", 1, true));
    assert_null(json_read_array(&reader, "many", 1, true));
    assert_null(json_read_array(&reader, "text", 1, true));
    assert_false(json_reader_ok(&reader));
    _cleanup_(freep) char *complaints = complaints_of(&reader);
    assert_string_equal(complaints,
                        "long: must be at most 4 bytes\nempty: must not be empty\nbig: must be a string\n"
                        "z: is required\nnumber: must be an integer\nbig: must be between 0 and 10\n"
                        "text: must be an integer\nnone: must not be empty\nmany: must have at most 1 items\n"
                        "text: must be an array\n");
}

static void what_is_no_object_is_one_complaint(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *value = value_of("[]");
    _cleanup_(json_reader_free) struct json_reader reader;
    json_reader_start(&reader, value);
    assert_null(json_read_text(&reader, "t", 4, true));
    assert_null(json_read_array(&reader, "a", 4, true));
    assert_int_equal(json_array_size(reader.complaints), 1);
    _cleanup_(json_reader_free) struct json_reader absent;
    json_reader_start(&absent, NULL);
    assert_false(json_reader_ok(&absent));
}

static void values_are_written(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, "text", "a\"\\\n\xc3\xa9");
    json_set_text(object, "none", NULL);
    json_set_text(object, "bad", "\xff");
    json_set_int(object, "int", INT64_MIN);
    json_set_bool(object, "bool", true);
    json_set(object, "list", json_array());
    json_set(object, "null", NULL);
    _cleanup_(freep) char *text = json_to_text(object);
    assert_string_equal(text,
                        "{\"text\":\"a\\\"\\\\\\n\xc3\xa9\",\"none\":null,\"bad\":null,\"int\":-9223372036854775808,"
                        "\"bool\":true,\"list\":[],\"null\":null}");
    assert_null(json_text(object, "int"));
    assert_null(json_text(NULL, "int"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_json),
        cmocka_unit_test(texts_that_are_not),
        cmocka_unit_test(nesting_is_bounded_before_anything_recurses),
        cmocka_unit_test(a_reader_gives_typed_values),
        cmocka_unit_test(a_number_without_a_fraction_is_an_integer),
        cmocka_unit_test(a_reader_collects_every_complaint),
        cmocka_unit_test(what_is_no_object_is_one_complaint),
        cmocka_unit_test(values_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
