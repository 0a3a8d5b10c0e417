#include "tests/unit/api/exchange.h"

static struct exchange with_body(const char *body) {
    return (struct exchange){.method = "POST",
                             .path = "/files/presigned-upload",
                             .body = body,
                             .headers = {{"Content-Type", "application/json"}}};
}

static void bad_json_is_told(void **state) {
    exchange_expect(*state, with_body("{"), 400, "MALFORMED_JSON");
    exchange_expect(*state, with_body("[]"), 422, "VALIDATION_FAILED");
    exchange_expect(*state, with_body("{\"filename\":\"a\",\"filename\":\"b\"}"), 400, "MALFORMED_JSON");
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, with_body("{\"size\":-1}"), 422, "\"errors\":[{\"field\":\"filename\"");
    exchange_expect(*state, with_body("{\"filename\":\"a\",\"size\":5368709121}"), 413, "FILE_TOO_LARGE");
}

static void without_a_database_nothing_is_promised(void **state) {
    exchange_expect(*state, with_body("{\"filename\":\"a\"}"), 503, "Retry-After: ");
    exchange_expect(*state, with_body("{\"filename\":\"a\"}"), 503, "DATABASE_UNAVAILABLE");
    struct exchange keyed = with_body("{\"filename\":\"a\"}");
    keyed.headers[1] = (struct http_header){"Idempotency-Key", "k"};
    exchange_expect(*state, keyed, 503, "DATABASE_UNAVAILABLE");
    struct exchange hashed = with_body("{\"filename\":\"a\",\"sha256\":"
                                       "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}");
    exchange_expect(*state, hashed, 503, "DATABASE_UNAVAILABLE");
}

static void a_bad_idempotency_key_is_refused(void **state) {
    struct exchange exchange = with_body("{\"filename\":\"a\"}");
    exchange.headers[1] = (struct http_header){"Idempotency-Key", "a b"};
    exchange_expect(*state, exchange, 422, "Idempotency-Key");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_json_is_told),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(without_a_database_nothing_is_promised),
        cmocka_unit_test(a_bad_idempotency_key_is_refused),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
