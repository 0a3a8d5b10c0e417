#include "api/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *header, const char *expected) {
    size_t length = 0;
    const char *value = cookie_find(header, "id", &length);
    if (expected == NULL) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(value, expected, length);
}

static void a_cookie_is_found_among_others(void **state) {
    (void)state;
    expect("id=abc", "abc");
    expect("a=1; id=abc; b=2", "abc");
    expect("a=1;id=abc;b=2", "abc");
    expect("xid=1; idx=2; id=", "");
    expect(" id = abc ;", "abc");
    expect("id=a=b", "a=b");
    expect("id=\"abc\"", "abc");
    expect("id=\"", "\"");
}

static void what_is_not_there_is_not_found(void **state) {
    (void)state;
    static const char *const headers[] = {NULL, "", "id", ";;;", "ID=abc", "=abc", "x=id=abc", "a=\"; id\"", "  "};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        expect(headers[i], NULL);
    }
}

static void two_of_a_name_are_none(void **state) {
    (void)state;
    expect("id=abc; id=def", NULL);
    expect("id=abc; a=1; id=abc", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_found_among_others),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(two_of_a_name_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
