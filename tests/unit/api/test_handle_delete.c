#include "tests/unit/api/exchange.h"

static void what_is_no_id_is_no_file(void **state) {
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/files/x"}, 404, "NOT_FOUND");
}

static void without_a_database_nothing_is_deleted(void **state) {
    exchange_expect(*state,
                    (struct exchange){.method = "DELETE", .path = "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f"}, 503,
                    "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_file),
        cmocka_unit_test(without_a_database_nothing_is_deleted),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
