#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void it_fails_in_one_line(void **state) {
    (void)state;
    static const struct {
        const char *words[6];
        enum error_code code;
    } cases[] = {
        {{"sweep", "more", NULL}, ERROR_CONFIG},
        {{"sweep", "--dry-run", NULL}, ERROR_STORE_UNAVAILABLE},
        {{"sweep", NULL}, ERROR_STORE_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_false(run_line((char *const *)cases[i].words, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_null(strchr(err.message, '\n'));
        assert_null(strstr(err.message, "secret-word"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fails_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
