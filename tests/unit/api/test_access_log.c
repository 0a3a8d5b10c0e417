#include "api/access_log.h"
#include "tests/unit/api/exchange.h"

static void what_was_answered_is_counted(void **state) {
    (void)state;
    metrics_start();
    access_log_start(routes, route_count);
    struct request request = {.method = "GET", .raw_path = "/files/\xff", .id = "rid", .response.status = 404};
    request.response.code = ERROR_NOT_FOUND;
    struct error error = {.code = ERROR_NOT_FOUND};
    access_log_request(&request, &error, 1500);
    request.match.route = &routes[0];
    request.response.code = ERROR_NONE;
    access_log_request(&request, NULL, 1500);
    _cleanup_(buf_free) struct buf text = {0};
    metrics_print(&text);
    assert_non_null(strstr(text.data, "sluice_http_requests_total{route=\"none\"} 1"));
    assert_non_null(strstr(text.data, "sluice_http_requests_total{route=\"POST /files/presigned-upload\"} 1"));
    assert_non_null(strstr(text.data, "sluice_http_errors_total{code=\"NOT_FOUND\"} 1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_answered_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
