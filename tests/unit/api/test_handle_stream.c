#include "tests/unit/api/exchange.h"

static void what_is_no_id_has_no_events(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/files/x/events"}, 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/files/x/events"}, 405, "Allow: GET");
}

/* More often than there are places: a refusal gives its place back. */
static void without_a_database_there_are_none(void **state) {
    for (int i = 0; i < 3; i++) {
        exchange_expect(*state, (struct exchange){.method = "GET", .path = "/events"}, 503, "DATABASE_UNAVAILABLE");
        exchange_expect(
            *state, (struct exchange){.method = "GET", .path = "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/events"},
            503, "Retry-After: 1");
    }
}

static int start(void **state) {
    static struct exchange_api made;
    setenv("SLUICE_SSE_MAX", "2", 1);
    made = exchange_api_new();
    *state = made.api;
    return 0;
}

static int stop(void **state) {
    struct exchange_api made = {.api = *state};
    made.config = (struct config *)made.api->config;
    exchange_api_free(&made);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_has_no_events),
        cmocka_unit_test(without_a_database_there_are_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
