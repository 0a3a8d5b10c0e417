#include "tests/unit/api/exchange.h"

#define ID "01a1f94e-2f62-7be1-aa0a-b163f5cce02f"

static struct exchange get(const char *path, const char *query) {
    return (struct exchange){.method = "GET", .path = path, .query = query};
}

static void what_is_no_id_is_nothing(void **state) {
    exchange_expect(*state, get("/api/v1/tasks/x", NULL), 404, "NOT_FOUND");
    exchange_expect(*state, get("/api/v1/assets/x", NULL), 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/api/v1/assets/x"}, 404, "NOT_FOUND");
}

static void bad_queries_are_named(void **state) {
    exchange_expect(*state, get("/api/v1/tasks/" ID, "wait=61"), 422, "wait");
    exchange_expect(*state, get("/api/v1/assets", "limit=201"), 422, "limit");
    exchange_expect(*state, get("/api/v1/assets", "cursor=x"), 422, "cursor");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/api/v1/assets/" ID, .query = "all=2"}, 422,
                    "all");
}

static void without_a_database_nothing_is_known(void **state) {
    exchange_expect(*state, get("/api/v1/tasks/" ID, NULL), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, get("/api/v1/assets", NULL), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, get("/api/v1/assets/" ID, NULL), 503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/api/v1/assets/" ID}, 503,
                    "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_nothing),
        cmocka_unit_test(bad_queries_are_named),
        cmocka_unit_test(without_a_database_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
