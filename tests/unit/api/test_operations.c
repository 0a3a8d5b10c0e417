#include "api/operations.h"

#include "tests/unit/api/exchange.h"

static void without_a_database_nothing_is_told(void **state) {
    _cleanup_(operations_free) struct operations operations = {0};
    struct error error = {0};
    assert_false(operations_read(*state, "dev", &operations, &error));
    assert_int_equal(error.code, ERROR_DATABASE_UNAVAILABLE);
    assert_null(operations.queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
