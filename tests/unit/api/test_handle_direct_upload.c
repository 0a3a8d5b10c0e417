#include "tests/unit/api/exchange.h"

static struct exchange ask(const char *body) {
    return (struct exchange){.method = "POST", .path = "/rails/active_storage/direct_uploads", .body = body};
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, ask("{}"), 422, "{\"field\":\"blob\"");
    exchange_expect(*state, ask("{\"blob\":{\"filename\":\"a\",\"byte_size\":5}}"), 422, "{\"field\":\"checksum\"");
    exchange_expect(*state, ask("{\"blob\":{\"filename\":\"a\"}}"), 422, "{\"field\":\"byte_size\"");
    exchange_expect(*state, ask("{\"blob\":1}"), 422, "\"message\":\"see errors\"");
}

static void nothing_is_signed_without_a_record(void **state) {
    exchange_expect(*state,
                    ask("{\"blob\":{\"filename\":\"a\",\"byte_size\":5,\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\"}}"),
                    503, "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(nothing_is_signed_without_a_record),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
