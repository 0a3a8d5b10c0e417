#include "tests/unit/api/exchange.h"

#define ENDPOINTS "/webhooks/endpoints"
#define ENDPOINT ENDPOINTS "/01a1f94e-2f62-7be1-aa0a-b163f5cce02f"

static struct exchange get(const char *path, const char *query) {
    return (struct exchange){.method = "GET", .path = path, .query = query};
}

static struct exchange post(const char *path, const char *body) {
    return (struct exchange){.method = "POST", .path = path, .body = body};
}

static void an_endpoint_needs_a_safe_url(void **state) {
    exchange_expect(*state, post(ENDPOINTS, "{}"), 422, "\"field\":\"url\"");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"http://example.com/\"}"), 422, "must start with https://");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://127.0.0.1/\"}"), 422, "loopback");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://u:p@example.com/\"}"), 422, "must not have a user");
}

static void only_known_events_are_taken(void **state) {
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://example.com/\",\"events\":[\"file.tagged\"]}"), 422,
                    "\"field\":\"events\"");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://example.com/\",\"events\":[1]}"), 422, "events");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://example.com/\",\"events\":\"file.synced\"}"), 422,
                    "events");
}

static void a_good_one_needs_the_database(void **state) {
    exchange_expect(*state,
                    post(ENDPOINTS, "{\"url\":\"https://example.com/\",\"events\":[\"file.synced\"],"
                                    "\"description\":\"\"}"),
                    503, "DATABASE_UNAVAILABLE");
    exchange_expect(*state, post(ENDPOINTS, "{\"url\":\"https://example.com/\",\"events\":[]}"), 503,
                    "DATABASE_UNAVAILABLE");
}

static void what_is_no_id_is_nothing(void **state) {
    static const char *const posts[] = {"/enable", "/disable", "/rotate", "/test", "/replay"};
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        char path[100];
        snprintf(path, sizeof path, ENDPOINTS "/x%s", posts[i]);
        exchange_expect(*state, post(path, NULL), 404, "NOT_FOUND");
    }
    exchange_expect(*state, get(ENDPOINTS "/x", NULL), 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = ENDPOINTS "/x"}, 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "PATCH", .path = ENDPOINTS "/x", .body = "{}"}, 404,
                    "NOT_FOUND");
    exchange_expect(*state, post("/webhooks/deliveries/x/replay", NULL), 404, "NOT_FOUND");
}

static void a_change_is_checked(void **state) {
    exchange_expect(*state,
                    (struct exchange){.method = "PATCH", .path = ENDPOINT, .body = "{\"url\":\"https://10.0.0.1/\"}"},
                    422, "private");
    exchange_expect(*state, (struct exchange){.method = "PATCH", .path = ENDPOINT, .body = "{}"}, 503,
                    "DATABASE_UNAVAILABLE");
}

static void queries_are_checked(void **state) {
    exchange_expect(*state, get("/webhooks/deliveries", "endpoint=x"), 422, "endpoint");
    exchange_expect(*state, get("/webhooks/deliveries", "status=done"), 422, "status");
    exchange_expect(*state, get("/webhooks/deliveries", "limit=0"), 422, "limit");
    exchange_expect(*state, get(ENDPOINTS, "cursor=x"), 422, "cursor");
    exchange_expect(*state, post(ENDPOINT "/replay", NULL), 422, "since");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = ENDPOINT "/replay", .query = "since=yesterday"},
                    422, "since");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_needs_a_safe_url),  cmocka_unit_test(only_known_events_are_taken),
        cmocka_unit_test(a_good_one_needs_the_database), cmocka_unit_test(what_is_no_id_is_nothing),
        cmocka_unit_test(a_change_is_checked),           cmocka_unit_test(queries_are_checked),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
