#include "tests/unit/api/exchange.h"

static struct exchange post(const char *path, const char *body) {
    return (struct exchange){.method = "POST",
                             .path = path,
                             .body = body,
                             .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
}

static void everything_needs_the_database(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/admin/operations"}, 503,
                    "DATABASE_UNAVAILABLE");
    exchange_expect(*state, post("/admin/operations/retry", ""), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, post("/admin/operations/replay", "event_id=1"), 503, "DATABASE_UNAVAILABLE");
}

static void what_is_no_event_is_not_found(void **state) {
    static const char *const wrong[] = {"event_id=x", "event_id=0", "event_id=", "event_id=-1",
                                        "event_id=9223372036854775808"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        exchange_expect(*state, post("/admin/operations/replay", wrong[i]), 404, "NOT_FOUND");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_needs_the_database),
        cmocka_unit_test(what_is_no_event_is_not_found),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
