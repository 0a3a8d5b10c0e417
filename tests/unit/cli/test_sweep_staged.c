#include "cli/sweep.h"
#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Without the processors' lock nothing is listed and nothing removed. */
static void without_a_database_nothing_happens(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct error err = {0};
    _cleanup_(db_freep) struct db *db = db_new(config.database_url, "test", 0);
    struct sweep sweep = {.config = &config, .db = db};
    assert_false(sweep_staged(&sweep, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(sweep.staged, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
