#include "tests/unit/api/exchange.h"

#define VARIANT "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/variants/small"

static void what_is_no_id_is_no_file(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/files/x/variants/small"}, 404, "NOT_FOUND");
}

static void proxy_is_a_number(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = VARIANT, .query = "proxy=yes"}, 422, "proxy");
}

static void without_a_database_there_is_none(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = VARIANT}, 503, "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_file),
        cmocka_unit_test(proxy_is_a_number),
        cmocka_unit_test(without_a_database_there_is_none),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
