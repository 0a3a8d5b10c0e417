#include "tests/unit/api/exchange.h"

static void the_process_is_healthy(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/healthz"}, 200, "\"ok\"");
}

static void every_dependency_is_named(void **state) {
    static const char *const names[] = {"postgres", "migrations", "redis", "cache", "store"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[40];
        snprintf(text, sizeof text, "\"%s\":{\"ok\":false,\"code\":", names[i]);
        exchange_expect(*state, (struct exchange){.method = "GET", .path = "/readyz"}, 503, text);
    }
}

static void draining_is_told(void **state) {
    struct api *api = *state;
    atomic_store(&api->draining, true);
    exchange_expect(api, (struct exchange){.method = "GET", .path = "/readyz"}, 503, "\"status\":\"draining\"");
    exchange_expect(api, (struct exchange){.method = "GET", .path = "/files"}, 503, "SHUTTING_DOWN");
    atomic_store(&api->draining, false);
}

static void metrics_are_prometheus_text(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/metrics"}, 200, "sluice_presigned_total");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_process_is_healthy),
        cmocka_unit_test(every_dependency_is_named),
        cmocka_unit_test(draining_is_told),
        cmocka_unit_test(metrics_are_prometheus_text),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
