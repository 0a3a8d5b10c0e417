#include "api/response.h"
#include "tests/unit/api/exchange.h"

static struct request request_on(struct exchange *exchange) {
    struct request request = {.method = "GET", .raw_path = "/", .query = "", .id = "rid"};
    request.stream = (struct http_stream){.context = exchange, .read = exchange_read, .write = exchange_write};
    request.framing.length = -1;
    return request;
}

static void a_problem_has_every_member(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf json = {0};
    struct error error = {0};
    (void)error_set(&error, ERROR_VALIDATION_FAILED, "see \"errors\"");
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    json_complain(&reader, "size", "must be big");
    response_problem_json(&error, reader.complaints, "rid", &json);
    assert_string_equal(json.data,
                        "{\"type\":\"urn:sluice:error:VALIDATION_FAILED\",\"title\":\"The request has invalid values\","
                        "\"status\":422,\"detail\":\"see \\\"errors\\\"\",\"code\":\"VALIDATION_FAILED\","
                        "\"errors\":[{\"field\":\"size\",\"message\":\"must be big\"}],\"request_id\":\"rid\"}");
}

static void inner_messages_stay_inside(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf json = {0};
    struct error error = {0};
    (void)error_set(&error, ERROR_DATABASE_UNAVAILABLE, "no route to db.internal");
    response_problem_json(&error, NULL, "rid", &json);
    assert_null(strstr(json.data, "db.internal"));
    assert_non_null(strstr(json.data, "\"errors\":[]"));
}

static void an_answer_goes_out_in_one_piece(void **state) {
    (void)state;
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    response_header(&request, "X-Test", "a\r\nb");
    response_send(&request, 200, "text/plain", "hello", 5);
    assert_non_null(strstr(exchange.sent.data, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(exchange.sent.data, "\r\nDate: "));
    assert_non_null(strstr(exchange.sent.data, " GMT\r\n"));
    assert_non_null(strstr(exchange.sent.data, "\r\nContent-Length: 5\r\n"));
    assert_non_null(strstr(exchange.sent.data, "\r\nX-Test: a  b\r\n"));
    assert_non_null(strstr(exchange.sent.data, "\r\n\r\nhello"));
    assert_null(strstr(exchange.sent.data, "Connection: close"));
    assert_int_equal(request.response.body_bytes, 5);
    request_free(&request);
    exchange_free(&exchange);
}

static void a_head_and_a_304_have_no_body(void **state) {
    (void)state;
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    request.method = "HEAD";
    response_send(&request, 200, "text/plain", "hello", 5);
    assert_non_null(strstr(exchange.sent.data, "Content-Length: 5"));
    assert_null(strstr(exchange.sent.data, "hello"));
    request.method = "GET";
    buf_clear(&exchange.sent);
    response_send(&request, 304, NULL, NULL, 0);
    assert_null(strstr(exchange.sent.data, "Content-Length"));
    request_free(&request);
    exchange_free(&exchange);
}

static void pieces_add_up(void **state) {
    (void)state;
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    assert_true(response_start(&request, 206, "text/plain", 6));
    assert_true(response_write(&request, "abc", 3));
    assert_true(response_write(&request, "def", 3));
    assert_non_null(strstr(exchange.sent.data, "206 Partial Content"));
    assert_non_null(strstr(exchange.sent.data, "\r\n\r\nabcdef"));
    assert_int_equal(request.response.body_bytes, 6);
    request_free(&request);
    exchange_free(&exchange);
}

static bool refuse(void *context, const void *bytes, size_t length) {
    (void)context;
    (void)bytes;
    (void)length;
    return false;
}

static void a_client_that_is_gone_ends_the_connection(void **state) {
    (void)state;
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    request.stream.write = refuse;
    assert_false(response_start(&request, 200, "text/plain", 3));
    assert_true(request.response.close);
    request_free(&request);
}

static void a_long_body_left_unread_ends_the_connection(void **state) {
    (void)state;
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    request.framing.length = 1 << 20;
    struct error error = {.code = ERROR_UNAUTHORIZED};
    response_problem(&request, &error);
    assert_true(request.response.close);
    assert_non_null(strstr(exchange.sent.data, "WWW-Authenticate: Bearer"));
    request_free(&request);
    exchange_free(&exchange);
}

/* RFC 6750, section 3. */
static void a_refusal_says_what_is_wrong_with_the_credentials(void **state) {
    (void)state;
    static const struct route route = {.scope = SCOPE_UPLOAD};
    struct exchange exchange = {0};
    struct request request = request_on(&exchange);
    struct error error = {.code = ERROR_UNAUTHORIZED, .message = "say \"friend\" \\ \xc3\xa4\r\n"};
    response_problem(&request, &error);
    assert_non_null(strstr(exchange.sent.data, "WWW-Authenticate: Bearer realm=\"sluice\"\r\n"));
    request_free(&request);
    buf_clear(&exchange.sent);
    request = request_on(&exchange);
    request.response.challenge = "invalid_token";
    response_problem(&request, &error);
    assert_non_null(strstr(exchange.sent.data, "WWW-Authenticate: Bearer realm=\"sluice\", error=\"invalid_token\","
                                               " error_description=\"say ?friend? ? ????\"\r\n"));
    request_free(&request);
    buf_clear(&exchange.sent);
    request = request_on(&exchange);
    request.match.route = &route;
    request.response.challenge = "insufficient_scope";
    error = (struct error){.code = ERROR_FORBIDDEN, .message = "no"};
    response_problem(&request, &error);
    assert_non_null(strstr(exchange.sent.data, "error=\"insufficient_scope\", error_description=\"no\","
                                               " scope=\"upload\"\r\n"));
    request_free(&request);
    exchange_free(&exchange);
}

static void whoever_comes_too_often_is_told_when_to_come_again(void **state) {
    (void)state;
    for (int64_t wait_s = 0; wait_s < 100; wait_s += 99) {
        struct exchange exchange = {0};
        struct request request = request_on(&exchange);
        const struct error error = {.code = ERROR_RATE_LIMITED};
        request.response.retry_after_s = wait_s;
        response_problem(&request, &error);
        assert_non_null(strstr(exchange.sent.data, wait_s == 0 ? "Retry-After: 1\r\n" : "Retry-After: 99\r\n"));
        request_free(&request);
        exchange_free(&exchange);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_has_every_member),
        cmocka_unit_test(inner_messages_stay_inside),
        cmocka_unit_test(an_answer_goes_out_in_one_piece),
        cmocka_unit_test(a_head_and_a_304_have_no_body),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(a_client_that_is_gone_ends_the_connection),
        cmocka_unit_test(a_long_body_left_unread_ends_the_connection),
        cmocka_unit_test(a_refusal_says_what_is_wrong_with_the_credentials),
        cmocka_unit_test(whoever_comes_too_often_is_told_when_to_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
