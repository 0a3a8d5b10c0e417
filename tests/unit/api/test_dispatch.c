#include "tests/unit/api/exchange.h"

static void unknown_paths_and_methods(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/nope"}, 404, "\"code\":\"NOT_FOUND\"");
    exchange_expect(*state, (struct exchange){.method = "PUT", .path = "/files"}, 405, "Allow: GET, HEAD, OPTIONS");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/files/%ff"}, 400, "BAD_REQUEST");
}

static void every_answer_has_an_id_and_nosniff(void **state) {
    struct exchange exchange = {.method = "GET", .path = "/nope", .headers = {{"x-request-id", "my-id_1.2"}}};
    exchange_expect(*state, exchange, 404, "X-Request-Id: my-id_1.2\r\n");
    exchange_expect(*state, exchange, 404, "\"request_id\":\"my-id_1.2\"");
    exchange_expect(*state, exchange, 404, "X-Content-Type-Options: nosniff\r\n");
    exchange.headers[0].value = "not sane";
    exchange_run(*state, &exchange);
    assert_null(strstr(exchange.sent.data, "not sane"));
    assert_non_null(strstr(exchange.sent.data, "X-Request-Id: "));
    exchange_free(&exchange);
}

static void framing_errors_close_the_connection(void **state) {
    struct exchange exchange = {
        .method = "POST",
        .path = "/files/check",
        .body = "{}",
        .headers = {{"Transfer-Encoding", "chunked"}},
    };
    exchange_run(*state, &exchange);
    assert_int_equal(exchange.status, 400);
    assert_true(exchange.closed);
    assert_non_null(strstr(exchange.sent.data, "Connection: close\r\n"));
    exchange_free(&exchange);
}

static void json_routes_want_json_of_known_length(void **state) {
    struct exchange exchange = {.method = "POST", .path = "/files/check", .body = "{}"};
    exchange.headers[0] = (struct http_header){"Content-Type", "text/plain"};
    exchange_expect(*state, exchange, 415, "UNSUPPORTED_MEDIA_TYPE");
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/files/check"}, 411, "LENGTH_REQUIRED");
}

static void a_body_beyond_the_limit_is_not_read(void **state) {
    _cleanup_(buf_free) struct buf body = {0};
    memset(buf_reserve(&body, 1 << 20), ' ', 1 << 20);
    body.data[1 << 20] = '\0';
    struct exchange exchange = {.method = "POST", .path = "/files/check", .body = body.data};
    exchange_run(*state, &exchange);
    assert_int_equal(exchange.status, 413);
    assert_true(exchange.closed);
    assert_int_equal(exchange.taken, 0);
    exchange_free(&exchange);
}

static void preflights_tell_what_is_allowed(void **state) {
    struct exchange exchange = {
        .method = "OPTIONS",
        .path = "/files/x/content",
        .headers = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "GET"}},
    };
    exchange_expect(*state, exchange, 204, "Access-Control-Allow-Origin: https://app.example\r\n");
    exchange_expect(*state, exchange, 204, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n");
    exchange_expect(*state, exchange, 204, "Vary: Origin\r\n");
    exchange.headers[0].value = "https://evil.example";
    exchange_run(*state, &exchange);
    assert_null(strstr(exchange.sent.data, "Access-Control-Allow-Origin"));
    exchange_free(&exchange);
}

static void problems_can_be_read_by_pages_too(void **state) {
    struct exchange exchange = {.method = "GET", .path = "/nope", .headers = {{"Origin", "https://app.example"}}};
    exchange_expect(*state, exchange, 404, "Access-Control-Expose-Headers: X-Request-Id");
}

static void what_the_server_refuses_is_a_problem(void **state) {
    (void)state;
    (void)state;
    struct exchange exchange = {.method = "-", .path = "-"};
    struct http_header headers[EXCHANGE_HEADERS_MAX + 1];
    char length[24];
    struct request request = exchange_request(&exchange, headers, length);
    struct error error = {.code = ERROR_HEADERS_TOO_LARGE};
    dispatch_refusal(NULL, &request, &error);
    assert_int_equal(request.response.status, 431);
    assert_non_null(strstr(exchange.sent.data, "application/problem+json"));
    request_free(&request);
    exchange_free(&exchange);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_paths_and_methods),           cmocka_unit_test(every_answer_has_an_id_and_nosniff),
        cmocka_unit_test(framing_errors_close_the_connection), cmocka_unit_test(json_routes_want_json_of_known_length),
        cmocka_unit_test(a_body_beyond_the_limit_is_not_read), cmocka_unit_test(preflights_tell_what_is_allowed),
        cmocka_unit_test(problems_can_be_read_by_pages_too),   cmocka_unit_test(what_the_server_refuses_is_a_problem),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
