#include "api/batch_removal.h"
#include "tests/unit/api/exchange.h"

static void without_a_database_nothing_is_removed(void **state) {
    struct error err = {0};
    assert_false(batch_remove_failed(*state, "dev", "0190a000-0000-7000-8000-00000000000a", &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_nothing_is_removed),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
