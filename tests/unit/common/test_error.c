#include "tests/unit/vectors.h"

#include "common/encode.h"
#include "common/error.h"

#include <string.h>

static void test_set_and_prefix(void **state) {
    (void)state;
    struct error err = {0};
    assert_false(error_set(&err, ERROR_STORE_DENIED, "answered %d", 403));
    assert_int_equal(err.code, ERROR_STORE_DENIED);
    assert_string_equal(err.message, "answered 403");
    assert_false(error_prefix(&err, "file %s", "x"));
    assert_string_equal(err.message, "file x: answered 403");
    assert_int_equal(err.code, ERROR_STORE_DENIED);
    assert_false(error_set(NULL, ERROR_INTERNAL, "nobody %s", "asks"));
    assert_false(error_prefix(NULL, "nobody"));
}

/* Whatever is cut, the message stays valid UTF-8, since it goes into JSON. */
static void test_long_messages_are_cut_between_characters(void **state) {
    (void)state;
    char text[600];
    for (size_t i = 0; i + 4 < sizeof text; i += 4) {
        memcpy(text + i, "😀", 5);
    }
    for (int start = 0; start < 4; start++) {
        struct error err = {0};
        error_set(&err, ERROR_INTERNAL, "%.*s%s", start, "abc", text);
        assert_in_range(strlen(err.message), 252, 255);
        assert_true(utf8_valid(err.message, strlen(err.message)));
        error_prefix(&err, "%.*s", start, "abc");
        assert_true(utf8_valid(err.message, strlen(err.message)));
    }
}

static void test_every_code_has_its_row(void **state) {
    (void)state;
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        const struct error_info *info = error_info((enum error_code)code);
        assert_true(info->http_status == 200 ? code == ERROR_NONE
                                             : info->http_status >= 400 && info->http_status < 600);
        assert_true(strlen(info->title) > 5);
        assert_int_equal(error_code_of(info->name), code);
    }
    assert_int_equal(error_code_of("NO_SUCH_WORD"), ERROR_INTERNAL);
    assert_int_equal(error_code_of(NULL), ERROR_INTERNAL);
    assert_string_equal(error_info((enum error_code)9999)->name, "INTERNAL");
}

static void test_an_outage_spends_no_attempt(void **state) {
    (void)state;
    struct error err = {.code = ERROR_STORE_UNAVAILABLE};
    assert_int_equal(error_disposition(&err), OUTAGE);
    assert_string_equal(error_name(&err), "STORE_UNAVAILABLE");
    err.code = ERROR_STORE_ERROR;
    assert_int_equal(error_disposition(&err), TRANSIENT);
    err.code = ERROR_HASH_MISMATCH;
    assert_int_equal(error_disposition(&err), PERMANENT);
}

static void test_dump_has_a_line_for_each(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    error_dump(out);
    fclose(out);
    assert_non_null(strstr(text, "| `STORE_UNAVAILABLE` | 503 | outage |"));
    assert_null(strstr(text, "| `NONE`"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_prefix),
        cmocka_unit_test(test_long_messages_are_cut_between_characters),
        cmocka_unit_test(test_every_code_has_its_row),
        cmocka_unit_test(test_an_outage_spends_no_attempt),
        cmocka_unit_test(test_dump_has_a_line_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
