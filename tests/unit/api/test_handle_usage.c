#include "tests/unit/api/exchange.h"

/* Figures are seen on the real database (tests/integration/test_quota.py). */
static void usage_needs_the_database(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/usage"}, 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/usage"}, 405, "GET, HEAD");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_needs_the_database),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
