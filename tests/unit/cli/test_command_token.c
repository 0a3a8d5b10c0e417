#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void it_fails_in_one_line(void **state) {
    (void)state;
    static const struct {
        const char *words[8];
        enum error_code code;
    } cases[] = {
        {{"token", "create", "--owner", "me", NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"token", "create", "--owner", "me", "--content-types", "image/*,text/csv", NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"token", "create", NULL}, ERROR_CONFIG},
        {{"token", "create", "--owner", "", NULL}, ERROR_CONFIG},
        {{"token", "create", "--owner", "me", "--expires-in", "604801", NULL}, ERROR_CONFIG},
        {{"token", "create", "--owner", "me", "--max-uploads", "0", NULL}, ERROR_CONFIG},
        {{"token", "create", "--owner", "me", "--max-bytes=x", NULL}, ERROR_CONFIG},
        {{"token", "create", "--owner", "me", "--content-types", "png", NULL}, ERROR_CONFIG},
        {{"token", "list", NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"token", "revoke", NULL}, ERROR_CONFIG},
        {{"token", "revoke", "sct_not-an-id", NULL}, ERROR_CONFIG},
        {{"token", "revoke", "0190a000-0000-7000-8000-000000000001", NULL}, ERROR_DATABASE_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_false(run_line((char *const *)cases[i].words, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_null(strchr(err.message, '\n'));
        assert_null(strstr(err.message, "secret-word"));
        assert_null(strstr(err.message, "sct_"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fails_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
