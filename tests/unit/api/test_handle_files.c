#include "tests/unit/api/exchange.h"

static struct exchange get(const char *path, const char *query) {
    return (struct exchange){.method = "GET", .path = path, .query = query};
}

static void what_is_no_id_is_no_file(void **state) {
    exchange_expect(*state, get("/files/x", NULL), 404, "NOT_FOUND");
    exchange_expect(*state, get("/files/%27%3B--", NULL), 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/files/x/retry"}, 404, "NOT_FOUND");
}

static void bad_queries_are_named(void **state) {
    exchange_expect(*state, get("/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f", "wait=61"), 422, "wait");
    exchange_expect(*state, get("/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f", "wait=x"), 422, "wait");
    exchange_expect(*state, get("/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f", "include=all"), 422, "include");
    exchange_expect(*state, get("/files", "limit=201"), 422, "limit");
    exchange_expect(*state, get("/files", "status=synced"), 422, "status");
    exchange_expect(*state, get("/files", "kind=x"), 422, "kind");
    exchange_expect(*state, get("/files", "cursor=x"), 422, "cursor");
    exchange_expect(*state, get("/files", "external_id=%ff"), 422, "external_id");
}

static void more_than_the_allowed_number_may_not_wait(void **state) {
    exchange_expect(*state, get("/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f", "wait=5"), 503, "OVERLOADED");
}

static void bad_hashes_are_named(void **state) {
    static const char *const bodies[] = {"{}", "{\"sha256\":\"a\"}", "{\"sha256\":[]}", "{\"sha256\":[1]}",
                                         "{\"sha256\":[\"zz\"]}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        exchange_expect(*state, (struct exchange){.method = "POST", .path = "/files/check", .body = bodies[i]}, 422,
                        "\"field\":\"sha256\"");
    }
}

static void without_a_database_nothing_is_known(void **state) {
    exchange_expect(*state, get("/files", NULL), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, get("/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f", NULL), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state,
                    (struct exchange){.method = "POST", .path = "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/retry"},
                    503, "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_file),
        cmocka_unit_test(bad_queries_are_named),
        cmocka_unit_test(more_than_the_allowed_number_may_not_wait),
        cmocka_unit_test(bad_hashes_are_named),
        cmocka_unit_test(without_a_database_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
