#include "tests/unit/api/exchange.h"

static struct exchange with_body(const char *body) {
    return (struct exchange){.method = "POST",
                             .path = "/files/confirm-uploads",
                             .body = body,
                             .headers = {{"Content-Type", "application/json"}}};
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, with_body("{}"), 422, "file_id");
    exchange_expect(*state, with_body("{\"file_id\":\"x\"}"), 422, "must be an id");
    exchange_expect(*state, with_body("{\"file_id\":\"01a1f94e-2f62-7be1-aa0a-b163f5cce02f\",\"file_size\":-1}"), 422,
                    "file_size");
    exchange_expect(*state, with_body("{\"files\":[]}"), 422, "files");
    exchange_expect(*state, with_body("{\"files\":[1]}"), 422, "item 0 must be an object");
    exchange_expect(*state, with_body("{\"files\":{}}"), 422, "must be an array");
}

static void at_most_a_thousand_at_once(void **state) {
    _cleanup_(buf_free) struct buf body = {0};
    buf_append_text(&body, "{\"files\":[0");
    for (int i = 0; i < 1000; i++) {
        buf_append_text(&body, ",0");
    }
    buf_append_text(&body, "]}");
    exchange_expect(*state, with_body(body.data), 422, "at most 1000 items");
}

static void without_a_database_nothing_is_confirmed(void **state) {
    exchange_expect(*state, with_body("{\"file_id\":\"01a1f94e-2f62-7be1-aa0a-b163f5cce02f\"}"), 503,
                    "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(at_most_a_thousand_at_once),
        cmocka_unit_test(without_a_database_nothing_is_confirmed),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
