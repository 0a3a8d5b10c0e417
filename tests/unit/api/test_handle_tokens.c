#include "tests/unit/api/exchange.h"

static struct exchange ask(const char *body) {
    return (struct exchange){.method = "POST", .path = "/tokens", .body = body};
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, ask("{\"expires_in\":0}"), 422, "{\"field\":\"expires_in\"");
    exchange_expect(*state, ask("{\"expires_in\":604801}"), 422, "{\"field\":\"expires_in\"");
    exchange_expect(*state, ask("{\"max_uploads\":0}"), 422, "{\"field\":\"max_uploads\"");
    exchange_expect(*state, ask("{\"max_bytes\":\"1\"}"), 422, "{\"field\":\"max_bytes\"");
    exchange_expect(*state, ask("{\"content_types\":[\"*\"]}"), 422, "{\"field\":\"content_types\"");
    exchange_expect(*state, ask("{\"content_types\":[1]}"), 422, "{\"field\":\"content_types\"");
}

static void without_a_database_there_is_none(void **state) {
    exchange_expect(*state, ask("{\"expires_in\":604800,\"content_types\":[\"image/*\"]}"), 503,
                    "DATABASE_UNAVAILABLE");
    struct exchange revoke = {.method = "DELETE", .path = "/tokens/0190a000-0000-7000-8000-000000000001"};
    exchange_expect(*state, revoke, 503, "DATABASE_UNAVAILABLE");
    revoke.path = "/tokens/sct_x";
    exchange_expect(*state, revoke, 404, "NOT_FOUND");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(without_a_database_there_is_none),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
