#include "tests/unit/common/fake_http.h"
#include "tests/unit/vectors.h"

#include "common/clock.h"
#include "common/http_client.h"

#include <signal.h>

/* One test: a server with its answers, and a client. */
struct fixture {
    struct fake_server server;
    struct http_client *client;
    struct http_reply reply;
    struct error err;
    char url[128];
};

static void start(struct fixture *fixture, const char *const *answers) {
    const struct http_client_options options = {.unreachable = ERROR_STORE_UNAVAILABLE, .failed = ERROR_STORE_ERROR};
    *fixture = (struct fixture){.client = http_client_new(&options)};
    fake_server_start(&fixture->server, answers, fake_http_serve);
    fake_http_url(&fixture->server, "/path?q=1", fixture->url);
}

/* After this only the requests are there. */
static void stop(struct fixture *fixture) {
    http_client_free(fixture->client);
    fake_server_stop(&fixture->server);
    http_reply_free(&fixture->reply);
}

static bool send_request(struct fixture *fixture, struct http_request request) {
    request.url = request.url != NULL ? request.url : fixture->url;
    request.method = request.method != NULL ? request.method : "GET";
    return http_client_send(fixture->client, &request, &fixture->reply, &fixture->err);
}

static bool collect(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    buf_append(context, bytes, length);
    return true;
}

static bool refuse(void *context, const void *bytes, size_t length, struct error *err) {
    (void)context;
    (void)bytes;
    (void)length;
    return error_set(err, ERROR_FILE_TOO_LARGE, "no room");
}

static void test_replies_and_keep_alive(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_REPLY("200 OK", "2\r\nX-Odd-Name:  a value \t\r\nX-Empty:\r\nx-twice: 1\r\nX-Twice: 2", "hi"),
        FAKE_REPLY("404 Not Found", "4", "gone"), FAKE_REPLY("204 No Content", "0", ""), NULL};
    struct fixture fixture;
    start(&fixture, answers);
    assert_true(send_request(&fixture, (struct http_request){0}));
    assert_int_equal(fixture.reply.status, 200);
    assert_int_equal(fixture.reply.content_length, 2);
    assert_string_equal(buf_text(&fixture.reply.body), "hi");
    assert_string_equal(http_reply_header(&fixture.reply, "x-odd-name"), "a value");
    assert_string_equal(http_reply_header(&fixture.reply, "x-empty"), "");
    assert_string_equal(http_reply_header(&fixture.reply, "x-twice"), "1");
    assert_null(http_reply_header(&fixture.reply, "x-none"));
    assert_true(send_request(&fixture, (struct http_request){.idempotent = true}));
    assert_int_equal(fixture.reply.status, 404);
    assert_string_equal(buf_text(&fixture.reply.body), "gone");
    assert_null(http_reply_header(&fixture.reply, "x-empty"));
    assert_true(send_request(&fixture, (struct http_request){.method = "DELETE"}));
    assert_string_equal(buf_text(&fixture.reply.body), "");
    stop(&fixture);
    assert_int_equal(fixture.server.connections, 1);
    assert_int_equal(fake_http_count(&fixture.server, "GET /path?q=1 HTTP/1.1\r\n"), 2);
    assert_int_equal(fake_http_count(&fixture.server, "DELETE /path"), 1);
    fake_server_free(&fixture.server);
}

static void test_head_has_a_length_and_no_body(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "5368709120", ""), NULL};
    struct fixture fixture;
    start(&fixture, answers);
    assert_true(send_request(&fixture, (struct http_request){.method = "HEAD"}));
    assert_int_equal(fixture.reply.content_length, 5368709120);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

/* A source of the alphabet over and over; fails or ends early when told. */
struct letters {
    int64_t length;
    bool fails;
    int starts;
};

static bool give_letters(void *context, int64_t offset, void *ret_bytes, size_t capacity, size_t *ret_length,
                         struct error *err) {
    struct letters *letters = context;
    letters->starts += offset == 0;
    if (letters->fails) {
        return error_set(err, ERROR_CONFLICT, "the disk is gone");
    }
    size_t length = capacity < 1000 ? capacity : 1000;
    length = (int64_t)length < letters->length - offset ? length : (size_t)(letters->length - offset);
    for (size_t i = 0; i < length; i++) {
        ((char *)ret_bytes)[i] = (char)('a' + (offset + (int64_t)i) % 26);
    }
    *ret_length = length;
    return true;
}

static void test_bodies_are_sent(void **state) {
    (void)state;
    static const char ok[] = FAKE_REPLY("200 OK", "0", "");
    static const char *const answers[] = {ok, ok, ok, NULL};
    struct fixture fixture;
    struct letters letters = {.length = 200000};
    const struct http_header headers[] = {{"X-A", "1"}, {"X-Empty", ""}};
    start(&fixture, answers);
    assert_true(send_request(
        &fixture, (struct http_request){
                      .method = "PUT", .body = "hello", .body_length = 5, .headers = headers, .header_count = 2}));
    assert_true(send_request(&fixture, (struct http_request){.method = "POST"}));
    assert_true(send_request(
        &fixture, (struct http_request){
                      .method = "PUT", .source = give_letters, .source_context = &letters, .body_length = 200000}));
    stop(&fixture);
    assert_int_equal(fake_http_count(&fixture.server, "\r\n\r\nhello\n--\n"), 1);
    assert_int_equal(fake_http_count(&fixture.server, "X-A: 1\r\n"), 1);
    assert_int_equal(fake_http_count(&fixture.server, "X-Empty:\r\n"), 1);
    assert_int_equal(fake_http_count(&fixture.server, "Content-Length: 0\r\n"), 1);
    assert_int_equal(fake_http_count(&fixture.server, "Content-Length: 200000\r\n"), 1);
    assert_int_equal(fake_http_count(&fixture.server, "xyzab"), 200000 / 26);
    assert_int_equal(fake_http_count(&fixture.server, "Expect"), 0);
    assert_int_equal(fake_http_count(&fixture.server, "Content-Type"), 0);
    fake_server_free(&fixture.server);
}

static void test_broken_sources(void **state) {
    (void)state;
    static const char *const answers[] = {NULL};
    struct fixture fixture;
    struct letters failing = {.length = 100, .fails = true};
    struct letters ending = {.length = 50};
    struct http_request request = {.method = "PUT", .source = give_letters, .body_length = 100, .idempotent = true};
    start(&fixture, answers);
    request.source_context = &failing;
    assert_false(send_request(&fixture, request));
    assert_int_equal(fixture.err.code, ERROR_CONFLICT);
    assert_string_equal(fixture.err.message, "the disk is gone");
    request.source_context = &ending;
    assert_false(send_request(&fixture, request));
    assert_int_equal(fixture.err.code, ERROR_STORE_ERROR);
    assert_int_equal(fixture.reply.attempts, 1);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_sinks_get_only_what_is_for_them(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "4", "data"),  FAKE_REPLY("404 Not Found", "5", "error"),
                                          FAKE_REPLY("200 OK", "5", "whole"), FAKE_REPLY("206 Partial", "4", "part"),
                                          FAKE_REPLY("200 OK", "4", "more"),  NULL};
    struct fixture fixture;
    _cleanup_(buf_free) struct buf data = {0};
    struct http_request request = {.sink = collect, .sink_context = &data, .idempotent = true};
    start(&fixture, answers);
    assert_true(send_request(&fixture, request));
    assert_string_equal(buf_text(&data), "data");
    assert_true(send_request(&fixture, request));
    assert_string_equal(buf_text(&fixture.reply.body), "error");
    request.sink_status = 206;
    assert_true(send_request(&fixture, request));
    assert_string_equal(buf_text(&fixture.reply.body), "whole");
    assert_true(send_request(&fixture, request));
    assert_string_equal(buf_text(&data), "datapart");
    assert_false(send_request(&fixture, (struct http_request){.sink = refuse, .idempotent = true}));
    assert_int_equal(fixture.err.code, ERROR_FILE_TOO_LARGE);
    assert_string_equal(fixture.err.message, "no room");
    assert_int_equal(fixture.reply.attempts, 1);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_a_short_body_is_no_success(void **state) {
    (void)state;
    static const char cut[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\ncut";
    static const char chunked[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal";
    static const char *const answers[] = {cut, chunked, cut, cut, FAKE_REPLY("200 OK", "5", "whole"), NULL};
    struct fixture fixture;
    _cleanup_(buf_free) struct buf data = {0};
    struct http_request request = {.sink = collect, .sink_context = &data, .idempotent = true};
    start(&fixture, answers);
    for (int i = 0; i < 2; i++) {
        assert_false(send_request(&fixture, request));
        assert_int_equal(fixture.err.code, ERROR_STORE_UNAVAILABLE);
        assert_int_equal(fixture.reply.attempts, 1); /* the sink cannot be told to start anew */
    }
    assert_string_equal(buf_text(&data), "cuthal");
    assert_true(send_request(&fixture, (struct http_request){.idempotent = true}));
    assert_int_equal(fixture.reply.attempts, 3);
    assert_string_equal(buf_text(&fixture.reply.body), "whole");
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_retries(void **state) {
    (void)state;
    static const char slow_down[] = FAKE_REPLY("503 Slow Down", "4\r\nRetry-After: 0", "slow");
    static const char later[] = FAKE_REPLY("503 Service Unavailable", "0\r\nRetry-After: 60", "");
    static const char *const answers[] = {slow_down, FAKE_CLOSE, FAKE_REPLY("200 OK", "2", "ok"), /* first request */
                                          slow_down,                                              /* second */
                                          later,                                                  /* third */
                                          slow_down, slow_down,  slow_down,                       /* fourth */
                                          NULL};
    struct fixture fixture;
    struct letters letters = {.length = 26};
    struct http_request request = {
        .method = "PUT", .source = give_letters, .source_context = &letters, .body_length = 26, .idempotent = true};
    start(&fixture, answers);
    assert_true(send_request(&fixture, request));
    assert_int_equal(fixture.reply.status, 200);
    assert_in_range(fixture.reply.attempts, 2, 3); /* curl itself resends on a kept connection that was dead */
    assert_true(letters.starts >= 2);
    request.idempotent = false;
    assert_true(send_request(&fixture, request));
    assert_int_equal(fixture.reply.attempts, 1);
    request.idempotent = true;
    int64_t start_ms = clock_monotonic_ms();
    assert_true(send_request(&fixture, request));
    assert_int_equal(fixture.reply.status, 503);
    assert_int_equal(fixture.reply.attempts, 1);
    assert_true(clock_monotonic_ms() - start_ms < 2000);
    assert_true(send_request(&fixture, request));
    assert_int_equal(fixture.reply.status, 503);
    assert_int_equal(fixture.reply.attempts, 3);
    assert_string_equal(buf_text(&fixture.reply.body), "slow");
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_nobody_listens(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port); /* bound, so that nobody else is there */
    struct fixture fixture;
    char url[64];
    static const char *const answers[] = {NULL};
    start(&fixture, answers);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    assert_false(send_request(&fixture, (struct http_request){.url = url, .idempotent = true}));
    assert_int_equal(fixture.err.code, ERROR_STORE_UNAVAILABLE);
    assert_int_equal(fixture.reply.attempts, 3);
    assert_int_equal(fixture.reply.status, 0);
    assert_false(send_request(&fixture, (struct http_request){.url = "http://no-such-host.invalid/"}));
    assert_int_equal(fixture.err.code, ERROR_STORE_UNAVAILABLE);
    stop(&fixture);
    fake_server_free(&fixture.server);
    close(listener);
}

static void test_silence_ends_at_the_timeout(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_SILENCE, NULL};
    struct fixture fixture;
    start(&fixture, answers);
    int64_t start_ms = clock_monotonic_ms();
    assert_false(send_request(&fixture, (struct http_request){.total_timeout_ms = 150}));
    assert_int_equal(fixture.err.code, ERROR_STORE_UNAVAILABLE);
    assert_in_range(clock_monotonic_ms() - start_ms, 140, 5000);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_a_stalled_body_ends_at_the_low_speed_limit(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_SILENCE, NULL};
    const struct http_client_options options = {
        .low_speed_bytes_s = 10, .low_speed_time_s = 1, .unreachable = ERROR_STORE_UNAVAILABLE};
    struct fixture fixture;
    start(&fixture, answers);
    http_client_free(fixture.client);
    fixture.client = http_client_new(&options);
    int64_t start_ms = clock_monotonic_ms();
    assert_false(send_request(&fixture, (struct http_request){0}));
    assert_int_equal(fixture.err.code, ERROR_STORE_UNAVAILABLE);
    assert_in_range(clock_monotonic_ms() - start_ms, 900, 10000);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_replies_are_bounded(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf flood = {0};
    buf_append_text(&flood, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 0; i < 5000; i++) {
        buf_printf(&flood, "X-Header-%d: some text to fill the line\r\n", i);
    }
    buf_append_text(&flood, "\r\n");
    const char *const answers[] = {FAKE_REPLY("200 OK", "6", "123456"), FAKE_REPLY("200 OK", "5", "12345"), flood.data,
                                   NULL};
    struct fixture fixture;
    start(&fixture, answers);
    assert_false(send_request(&fixture, (struct http_request){.max_reply_bytes = 5, .idempotent = true}));
    assert_int_equal(fixture.err.code, ERROR_STORE_ERROR);
    assert_int_equal(fixture.reply.attempts, 1);
    assert_true(send_request(&fixture, (struct http_request){.max_reply_bytes = 5}));
    assert_false(send_request(&fixture, (struct http_request){.idempotent = true}));
    assert_int_equal(fixture.err.code, ERROR_STORE_ERROR);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

static void test_no_redirect_no_proxy_no_other_scheme(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("302 Found", "0\r\nLocation: http://127.0.0.1:1/", ""), NULL};
    struct fixture fixture;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    start(&fixture, answers);
    assert_true(send_request(&fixture, (struct http_request){0}));
    assert_int_equal(fixture.reply.status, 302);
    assert_false(send_request(&fixture, (struct http_request){.url = "file:///etc/hostname", .idempotent = true}));
    assert_int_equal(fixture.err.code, ERROR_STORE_ERROR);
    assert_int_equal(fixture.reply.attempts, 1);
    stop(&fixture);
    fake_server_free(&fixture.server);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

static bool cancelled_at_once(void) {
    return true;
}

static void test_a_request_that_waits_is_cancelled(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_SILENCE, NULL};
    struct fixture fixture;
    start(&fixture, answers);
    int64_t started_ms = clock_monotonic_ms();
    const struct http_request request = {
        .slow_reply = true, .total_timeout_ms = 30000, .idempotent = true, .is_cancelled = cancelled_at_once};
    assert_false(send_request(&fixture, request));
    assert_int_equal(fixture.err.code, ERROR_STORE_ERROR);
    assert_int_equal(fixture.reply.attempts, 1);
    assert_true(clock_monotonic_ms() - started_ms < 10000);
    stop(&fixture);
    fake_server_free(&fixture.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_and_keep_alive),
        cmocka_unit_test(test_head_has_a_length_and_no_body),
        cmocka_unit_test(test_bodies_are_sent),
        cmocka_unit_test(test_broken_sources),
        cmocka_unit_test(test_sinks_get_only_what_is_for_them),
        cmocka_unit_test(test_a_short_body_is_no_success),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_silence_ends_at_the_timeout),
        cmocka_unit_test(test_a_stalled_body_ends_at_the_low_speed_limit),
        cmocka_unit_test(test_replies_are_bounded),
        cmocka_unit_test(test_no_redirect_no_proxy_no_other_scheme),
        cmocka_unit_test(test_a_request_that_waits_is_cancelled),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
