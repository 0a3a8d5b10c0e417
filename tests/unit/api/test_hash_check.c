#include "api/hash_check.h"
#include "tests/unit/api/exchange.h"

static const char *const paths[] = {"/files/check", "/api/v1/assets/check"};

static void expect_each(struct api *api, const char *body, int status, const char *part) {
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        exchange_expect(api, (struct exchange){.method = "POST", .path = paths[i], .body = body}, status, part);
    }
}

static void bad_hashes_are_named(void **state) {
    static const char *const bodies[] = {"{}", "{\"sha256\":\"a\"}", "{\"sha256\":[]}", "{\"sha256\":[1]}",
                                         "{\"sha256\":[\"zz\"]}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        expect_each(*state, bodies[i], 422, "\"field\":\"sha256\"");
    }
}

static void without_a_database_nothing_is_known(void **state) {
    expect_each(*state, "{\"sha256\":[\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]}", 503,
                "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_hashes_are_named),
        cmocka_unit_test(without_a_database_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
