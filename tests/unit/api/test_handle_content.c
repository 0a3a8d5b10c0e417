#include "tests/unit/api/exchange.h"

static void what_is_no_id_is_no_file(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/files/..%2f/content"}, 404, "NOT_FOUND");
}

static void without_a_database_nothing_is_served(void **state) {
    exchange_expect(*state,
                    (struct exchange){.method = "GET", .path = "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/content"},
                    503, "DATABASE_UNAVAILABLE");
}

static void a_head_gets_the_headers_of_the_problem_only(void **state) {
    struct exchange exchange = {.method = "HEAD", .path = "/files/x/content"};
    exchange_run(*state, &exchange);
    assert_int_equal(exchange.status, 404);
    assert_null(strchr(exchange.sent.data, '{'));
    exchange_free(&exchange);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_file),
        cmocka_unit_test(without_a_database_nothing_is_served),
        cmocka_unit_test(a_head_gets_the_headers_of_the_problem_only),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
