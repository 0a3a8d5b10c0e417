#include "common/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *value_of(const struct db_params *params, size_t index) {
    return params->is_null[index] ? NULL : params->values.data + params->offsets[index];
}

static void plain_values(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, "it's \"quoted\" \\ {here}");
    db_param_text(&params, "");
    db_param_text(&params, NULL);
    db_param_int(&params, INT64_MIN);
    db_param_bool(&params, true);
    db_param_bool(&params, false);
    assert_int_equal(params.count, 6);
    assert_string_equal(value_of(&params, 0), "it's \"quoted\" \\ {here}");
    assert_string_equal(value_of(&params, 1), "");
    assert_null(value_of(&params, 2));
    assert_string_equal(value_of(&params, 3), "-9223372036854775808");
    assert_string_equal(value_of(&params, 4), "t");
    assert_string_equal(value_of(&params, 5), "f");
}

static void bytes_are_hex(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_bytes(&params, "\x00\xff\\", 3);
    db_param_bytes(&params, "", 0);
    db_param_bytes(&params, NULL, 0);
    assert_string_equal(value_of(&params, 0), "\\x00ff5c");
    assert_string_equal(value_of(&params, 1), "\\x");
    assert_null(value_of(&params, 2));
}

static void arrays_escape_what_array_literals_need(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    db_array_add_text(&params, "plain");
    db_array_add_text(&params, "");
    db_array_add_text(&params, NULL);
    db_array_add_text(&params, "NULL");
    db_array_add_text(&params, "a,b {c} \"d\" \\e");
    db_array_add_text(&params, "{");
    db_array_add_text(&params, "\xc3\xa9");
    db_array_end(&params);
    assert_string_equal(value_of(&params, 0),
                        "{\"plain\",\"\",NULL,\"NULL\",\"a,b {c} \\\"d\\\" \\\\e\",\"{\",\"\xc3\xa9\"}");
}

static void arrays_of_numbers_and_bytes(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    db_array_add_int(&params, 5);
    db_array_add_text(&params, NULL);
    db_array_add_int(&params, -1);
    db_array_end(&params);
    db_array_start(&params);
    db_array_add_bytes(&params, NULL, 0);
    db_array_add_bytes(&params, "\x01\xab", 2);
    db_array_add_bytes(&params, "", 0);
    db_array_end(&params);
    assert_string_equal(value_of(&params, 0), "{5,NULL,-1}");
    assert_string_equal(value_of(&params, 1), "{NULL,\"\\\\x01ab\",\"\\\\x\"}");
}

static void an_array_without_elements(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, "before");
    db_array_start(&params);
    db_array_end(&params);
    db_param_int(&params, 1);
    assert_string_equal(value_of(&params, 1), "{}");
    assert_string_equal(value_of(&params, 2), "1");
}

static void values_stay_where_they_are_while_the_memory_grows(void **state) {
    (void)state;
    _cleanup_(db_params_free) struct db_params params = {0};
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < DB_MAX_PARAMS; i++) {
        db_param_text(&params, text + i);
    }
    for (size_t i = 0; i < DB_MAX_PARAMS; i++) {
        assert_string_equal(value_of(&params, i), text + i);
    }
    db_params_free(&params);
    assert_int_equal(params.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values),
        cmocka_unit_test(bytes_are_hex),
        cmocka_unit_test(arrays_escape_what_array_literals_need),
        cmocka_unit_test(arrays_of_numbers_and_bytes),
        cmocka_unit_test(an_array_without_elements),
        cmocka_unit_test(values_stay_where_they_are_while_the_memory_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
