#include "tests/unit/api/exchange.h"

static struct exchange with_body(const char *body) {
    return (struct exchange){.method = "POST",
                             .path = "/events/s3",
                             .body = body,
                             .headers = {{"Authorization", "Bearer the-events-key"}, {"Content-Type", "text/plain"}}};
}

static void what_is_no_json_is_refused(void **state) {
    static const char *const bodies[] = {"", "x", "{", "{} x", "{a}", "1", "{}]"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        exchange_expect(*state, with_body(bodies[i]), 400, "MALFORMED_JSON");
    }
}

static void events_need_their_own_key(void **state) {
    struct exchange exchange = with_body("{}");
    exchange.headers[0].value = "Bearer another";
    exchange_expect(*state, exchange, 401, "WWW-Authenticate: Bearer");
    exchange.headers[0].value = "Bearer the-events-key2";
    exchange_expect(*state, exchange, 401, "UNAUTHORIZED");
}

static void without_redis_nothing_is_accepted(void **state) {
    exchange_expect(*state, with_body("{\"Records\":[]}\n[{}]"), 503, "REDIS_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(events_need_their_own_key),
        cmocka_unit_test(without_redis_nothing_is_accepted),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
