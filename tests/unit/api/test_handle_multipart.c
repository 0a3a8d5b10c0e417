#include "tests/unit/api/exchange.h"

static struct exchange post(const char *path, const char *query, const char *body) {
    return (struct exchange){.method = "POST", .path = path, .query = query, .body = body};
}

static void bad_values_are_named(void **state) {
    exchange_expect(*state, post("/s3/multipart", NULL, "{}"), 422, "filename");
    exchange_expect(*state, post("/s3/multipart", NULL, "{\"filename\":\"a\",\"type\":\"x\"}"), 422, "\"type\"");
    exchange_expect(*state, post("/s3/multipart/u/complete", "key=k", "{}"), 422, "parts");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/s3/multipart/u/0", .query = "key=k"}, 422,
                    "part number");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/s3/multipart/u/10001", .query = "key=k"}, 422,
                    "part number");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/s3/multipart/u"}, 422, "key is required");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/s3/multipart/u/batch", .query = "key=k"}, 422,
                    "partNumbers is required");
    exchange_expect(*state, post("/s3/multipart", NULL, "{\"filename\":\"a\",\"metadata\":1}"), 422, "metadata");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/s3/multipart/u", .query = "key=%zz"}, 422,
                    "key");
}

static void without_services_nothing_starts(void **state) {
    exchange_expect(*state, post("/s3/multipart", NULL, "{\"filename\":\"a\"}"), 503, "STORE_UNAVAILABLE");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/s3/multipart/u/1", .query = "key=k"}, 503,
                    "DATABASE_UNAVAILABLE");
    struct exchange batch = {.method = "GET", .path = "//s3/multipart/u/batch", .query = "key=k&partNumbers=1,2"};
    exchange_expect(*state, batch, 503, "DATABASE_UNAVAILABLE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(without_services_nothing_starts),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
