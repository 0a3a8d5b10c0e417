#include "tests/unit/api/exchange.h"

static struct exchange sign(const char *body) {
    return (struct exchange){.method = "POST", .path = "/s3/sign", .body = body};
}

static void other_operations_are_not_signed(void **state) {
    static const char *const others[] = {
        "{}",
        "{\"method\":\"GET\",\"key\":\"k\"}",
        "{\"method\":\"DELETE\",\"key\":\"k\"}",
        "{\"method\":\"HEAD\",\"key\":\"k\",\"uploadId\":\"u\"}",
        "{\"method\":\"put\",\"key\":\"k\"}",
        "{\"method\":\"PUT\",\"key\":\"k\",\"uploadId\":\"u\"}",
        "{\"method\":\"PUT\",\"key\":\"k\",\"partNumber\":1}",
        "{\"method\":\"GET\",\"key\":\"k\",\"uploadId\":\"u\",\"partNumber\":1}",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        exchange_expect(*state, sign(others[i]), 422, "name no operation");
    }
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, sign("{\"method\":\"PUT\"}"), 422, "{\"field\":\"filename\"");
    exchange_expect(*state, sign("{\"method\":\"POST\"}"), 422, "{\"field\":\"filename\"");
    exchange_expect(*state, sign("{\"method\":\"PUT\",\"key\":\"k\",\"contentType\":\"x\"}"), 422, "media type");
    exchange_expect(*state, sign("{\"method\":\"GET\",\"uploadId\":\"u\"}"), 422, "{\"field\":\"key\"");
    exchange_expect(*state, sign("{\"method\":\"PUT\",\"key\":\"k\",\"uploadId\":\"u\",\"partNumber\":10001}"), 422,
                    "{\"field\":\"partNumber\"");
}

static void nothing_is_signed_without_a_record(void **state) {
    static const char *const good[] = {
        "{\"method\":\"PUT\",\"key\":\"k\"}",
        "{\"method\":\"POST\",\"key\":\"k\"}",
        "{\"method\":\"PUT\",\"key\":\"k\",\"uploadId\":\"u\",\"partNumber\":1}",
        "{\"method\":\"GET\",\"key\":\"k\",\"uploadId\":\"u\"}",
        "{\"method\":\"POST\",\"key\":\"k\",\"uploadId\":\"u\"}",
        "{\"method\":\"DELETE\",\"key\":\"k\",\"uploadId\":\"u\"}",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        exchange_expect(*state, sign(good[i]), 503, "DATABASE_UNAVAILABLE");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_operations_are_not_signed),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(nothing_is_signed_without_a_record),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
