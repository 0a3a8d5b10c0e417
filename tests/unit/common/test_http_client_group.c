#include "tests/unit/common/fake_http.h"
#include "tests/unit/vectors.h"

#include "common/clock.h"
#include "common/http_client_group.h"
#include "common/ip_address.h"
#include "common/xalloc.h"

#include <signal.h>

enum { PATIENCE_MS = 10000, HUGE_BYTES = 200000 };

static const struct http_group_options options = {
    .connect_timeout_ms = 2000, .total_timeout_ms = 3000, .idle_connections = 2, .kept_bytes = 5};

/* One POST to a server with these answers; the caller frees the end. */
static struct http_group_end post_to(const char *const *answers, const struct http_group_options *with,
                                     struct buf *ret_requests) {
    struct fake_server server;
    struct http_group_end end = {0};
    struct http_group *group = http_group_new(with);
    static const struct http_header headers[] = {{"webhook-id", "evt_1"}, {"X-Empty", ""}};
    _cleanup_(buf_free) struct buf body = {0};
    char url[128];
    int token = 0;
    buf_append_text(&body, "{\"a\":1}");
    fake_server_start(&server, answers, fake_http_serve);
    http_group_post(group, fake_http_url(&server, "/hook?x=1", url), headers, 2, &body, &token);
    assert_int_equal(http_group_count(group), 1);
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (!http_group_next(group, &end) && clock_monotonic_ms() < deadline_ms) {
        http_group_run(group, -1, 100);
    }
    assert_ptr_equal(end.token, &token);
    assert_int_equal(http_group_count(group), 0);
    http_group_free(group);
    fake_server_stop(&server);
    if (ret_requests != NULL) {
        *ret_requests = server.requests;
    } else {
        fake_server_free(&server);
    }
    return end;
}

static void a_yes_is_told_with_the_start_of_its_body(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("202 Accepted", "9", "thank you"), NULL};
    _cleanup_(buf_free) struct buf requests = {0};
    _cleanup_(http_group_end_free) struct http_group_end end = post_to(answers, &options, &requests);
    assert_int_equal(end.status, 202);
    assert_string_equal(buf_text(&end.body), "thank");
    assert_string_equal(end.message, "");
    assert_int_equal(end.retry_after_s, 0);
    assert_non_null(strstr(buf_text(&requests), "POST /hook?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(buf_text(&requests), "\r\nwebhook-id: evt_1\r\n"));
    assert_null(strstr(buf_text(&requests), "Expect"));
    assert_non_null(strstr(buf_text(&requests), "\r\n\r\n{\"a\":1}"));
}

static void redirects_are_not_followed(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("307 Temporary Redirect", "0\r\nLocation: /elsewhere", ""),
                                          FAKE_REPLY("200 OK", "0", ""), NULL};
    _cleanup_(buf_free) struct buf requests = {0};
    _cleanup_(http_group_end_free) struct http_group_end end = post_to(answers, &options, &requests);
    assert_int_equal(end.status, 307);
    assert_null(strstr(buf_text(&requests), "elsewhere"));
}

static void retry_after_is_read_in_both_forms(void **state) {
    (void)state;
    static const char *const seconds[] = {FAKE_REPLY("503 Busy", "0\r\nRetry-After: 120", ""), NULL};
    static const char *const date[] = {FAKE_REPLY("429 Slow", "0\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT", ""),
                                       NULL};
    _cleanup_(http_group_end_free) struct http_group_end first = post_to(seconds, &options, NULL);
    assert_int_equal(first.retry_after_s, 120);
    _cleanup_(http_group_end_free) struct http_group_end second = post_to(date, &options, NULL);
    assert_true(second.retry_after_s > 86400);
}

static void a_huge_body_is_not_read_to_its_end(void **state) {
    (void)state;
    _cleanup_(freep) char *body = xmalloc(HUGE_BYTES + 1);
    memset(body, 'x', HUGE_BYTES);
    body[HUGE_BYTES] = '\0';
    _cleanup_(freep) char *answer = xasprintf("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n%s", body);
    const char *const answers[] = {answer, NULL};
    int64_t started_ms = clock_monotonic_ms();
    _cleanup_(http_group_end_free) struct http_group_end end = post_to(answers, &options, NULL);
    assert_int_equal(end.status, 200);
    assert_string_equal(buf_text(&end.body), "xxxxx");
    assert_true(clock_monotonic_ms() - started_ms < options.total_timeout_ms);
}

static void silence_and_endless_answers_end_in_time(void **state) {
    (void)state;
    static const char *const silent[] = {FAKE_SILENCE, NULL};
    static const char *const endless[] = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", NULL};
    struct http_group_options quick = options;
    quick.total_timeout_ms = 300;
    _cleanup_(http_group_end_free) struct http_group_end first = post_to(silent, &quick, NULL);
    assert_int_equal(first.status, 0);
    assert_non_null(strstr(first.message, "timed out"));
    _cleanup_(http_group_end_free) struct http_group_end second = post_to(endless, &quick, NULL);
    assert_int_equal(second.status, 0);
}

static void headers_without_end_are_cut(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf answer = {0};
    buf_append_text(&answer, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2000; i++) {
        buf_append_text(&answer, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    }
    buf_append_text(&answer, "Content-Length: 0\r\n\r\n");
    const char *const answers[] = {buf_text(&answer), NULL};
    _cleanup_(http_group_end_free) struct http_group_end end = post_to(answers, &options, NULL);
    assert_int_equal(end.status, 0);
}

static void a_refused_address_gets_no_connection(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""), NULL};
    struct http_group_options strict = options;
    strict.may_connect = ip_address_is_public;
    _cleanup_(buf_free) struct buf requests = {0};
    _cleanup_(http_group_end_free) struct http_group_end end = post_to(answers, &strict, &requests);
    assert_int_equal(end.status, 0);
    assert_true(end.is_refused);
    assert_int_equal(requests.length, 0);
}

static void other_schemes_are_none(void **state) {
    (void)state;
    static const char *const urls[] = {"file:///etc/passwd", "gopher://127.0.0.1:1/x", "ftp://127.0.0.1:1/"};
    struct http_group *group = http_group_new(&options);
    _cleanup_(buf_free) struct buf body = {0};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        _cleanup_(http_group_end_free) struct http_group_end end = {0};
        http_group_post(group, urls[i], NULL, 0, &body, NULL);
        while (!http_group_next(group, &end)) {
            http_group_run(group, -1, 100);
        }
        assert_int_equal(end.status, 0);
        assert_int_equal(end.body.length, 0);
    }
    http_group_free(group);
}

static void what_is_under_way_is_broken_off(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_SILENCE, NULL};
    struct fake_server server;
    struct http_group *group = http_group_new(&options);
    _cleanup_(buf_free) struct buf body = {0};
    char url[128];
    fake_server_start(&server, answers, fake_http_serve);
    for (int i = 0; i < 3; i++) {
        http_group_post(group, fake_http_url(&server, "/", url), NULL, 0, &body, NULL);
    }
    http_group_run(group, -1, 50);
    assert_int_equal(http_group_count(group), 3);
    http_group_free(group);
    fake_server_stop(&server);
    fake_server_free(&server);
    http_group_free(NULL);
}

static void what_another_descriptor_has_to_say_ends_the_wait(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "!", 1), 1);
    struct http_group *group = http_group_new(&options);
    int64_t started_ms = clock_monotonic_ms();
    http_group_run(group, ends[0], 20000);
    assert_true(clock_monotonic_ms() - started_ms < 10000);
    http_group_free(group);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_yes_is_told_with_the_start_of_its_body),
        cmocka_unit_test(what_another_descriptor_has_to_say_ends_the_wait),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(retry_after_is_read_in_both_forms),
        cmocka_unit_test(a_huge_body_is_not_read_to_its_end),
        cmocka_unit_test(silence_and_endless_answers_end_in_time),
        cmocka_unit_test(headers_without_end_are_cut),
        cmocka_unit_test(a_refused_address_gets_no_connection),
        cmocka_unit_test(other_schemes_are_none),
        cmocka_unit_test(what_is_under_way_is_broken_off),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
