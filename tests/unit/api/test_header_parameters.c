#include "api/header_parameters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The parameters as name=[value] with spaces between; "broken" at the end when they are. */
static void expect(const char *text, const char *expected) {
    _cleanup_(header_parameter_free) struct header_parameter parameter = {0};
    _cleanup_(buf_free) struct buf found = {0};
    enum header_parameter_result result = HEADER_PARAMETERS_END;
    while ((result = header_parameters_next(&text, &parameter)) == HEADER_PARAMETER) {
        buf_printf(&found, "%s=[%s] ", buf_text(&parameter.name), buf_text(&parameter.value));
    }
    buf_append_text(&found, result == HEADER_PARAMETERS_BROKEN ? "broken" : "");
    assert_string_equal(buf_text(&found), expected);
}

static void plain_and_quoted_values(void **state) {
    (void)state;
    expect("", "");
    expect("; a=b", "a=[b] ");
    expect(" ;A=B ; c=\"d e; f\";", "a=[B] c=[d e; f] ");
    expect("; a=\"\"", "a=[] ");
    expect("; filename*=UTF-8''%E2%82%AC", "filename*=[UTF-8''%E2%82%AC] ");
    expect("; boundary=a=b?c", "boundary=[a=b?c] ");
}

static void a_backslash_escapes_only_quotes_and_itself(void **state) {
    (void)state;
    expect("; a=\"say \\\"hi\\\"\"", "a=[say \"hi\"] ");
    expect("; a=\"C:\\dir\\photo.jpg\"", "a=[C:\\dir\\photo.jpg] ");
    expect("; a=\"b\\\\c\"", "a=[b\\c] ");
}

static void what_is_malformed_ends_the_list(void **state) {
    (void)state;
    expect("x", "broken");
    expect("; a", "broken");
    expect("; a=", "broken");
    expect("; =b", "broken");
    expect("; a=\"b", "broken");
    expect("; a=\"b\\\"", "broken");
    expect("; a=b\"c\"", "broken");
    expect("; a=\"b\"c", "a=[b] broken");
    expect("; a=b c", "a=[b] broken");
    expect("; a, b=c", "broken");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_quoted_values),
        cmocka_unit_test(a_backslash_escapes_only_quotes_and_itself),
        cmocka_unit_test(what_is_malformed_ends_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
