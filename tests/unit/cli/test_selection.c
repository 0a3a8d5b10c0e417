#include "cli/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool is_digit(const char *text) {
    return strlen(text) == 1 && *text >= '0' && *text <= '9';
}

static bool check(const char *const *arguments, bool all, struct error *err) {
    struct options options = {.count = all ? 1 : 0, .names = {"all"}, .values = {""}};
    options.arguments = (const char **)arguments;
    while (arguments[options.argument_count] != NULL) {
        options.argument_count++;
    }
    return selection_check(&options, is_digit, "a digit", err);
}

static void either_ids_or_all(void **state) {
    (void)state;
    struct error err = {0};
    assert_true(check((const char *[]){"1", "2", NULL}, false, &err));
    assert_true(check((const char *[]){NULL}, true, &err));
    assert_false(check((const char *[]){NULL}, false, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_false(check((const char *[]){"1", NULL}, true, &err));
    assert_false(check((const char *[]){"1", "x", NULL}, false, &err));
    assert_string_equal(err.message, "x is not the id of a digit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_ids_or_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
