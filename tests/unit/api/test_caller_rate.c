#include "api/caller_rate.h"
#include "tests/unit/api/exchange.h"

static struct caller_rate started(int64_t per_minute, int64_t burst) {
    struct caller_rate rate;
    const struct config config = {.rate_limit = per_minute, .rate_burst = burst};
    caller_rate_start(&rate, &config);
    return rate;
}

static void assert_name(struct request request, const char *address, const char *wanted) {
    _cleanup_(buf_free) struct buf name = {0};
    snprintf(request.remote_address, sizeof request.remote_address, "%s", address);
    caller_rate_name(&request, &name);
    assert_string_equal(buf_text(&name), wanted);
}

static void callers_have_names_of_their_own(void **state) {
    (void)state;
    assert_name((struct request){0}, "192.0.2.7", "address 192.0.2.7");
    assert_name((struct request){0}, "::ffff:192.0.2.7", "address 192.0.2.7");
    assert_name((struct request){0}, "2001:db8::1", "address 20010db800000000");
    assert_name((struct request){0}, "2001:db8::2", "address 20010db800000000");
    assert_name((struct request){0}, "2001:db8:0:1::2", "address 20010db800000001");
    assert_name((struct request){.principal = {.owner_id = "o", .key_id = "k"}}, "192.0.2.7", "key k");
    assert_name((struct request){.principal = {.owner_id = "o"}}, "192.0.2.7", "subject o");
}

static void without_a_limit_nothing_is_said(void **state) {
    (void)state;
    struct error err = {0};
    struct caller_rate rate = started(0, 0);
    struct request request = {.principal = {.owner_id = "o"}};
    for (int i = 0; i < 100; i++) {
        assert_true(caller_rate_check(&rate, &request, true, &err));
    }
    struct request stranger = {0};
    (void)!error_set(&err, ERROR_UNAUTHORIZED, "no");
    assert_false(caller_rate_check(&rate, &stranger, false, &err));
    assert_int_equal(err.code, ERROR_UNAUTHORIZED);
    assert_int_equal(request.response.headers.length + stranger.response.headers.length, 0);
    caller_rate_stop(&rate);
}

static void a_key_has_its_own_limit(void **state) {
    (void)state;
    struct error err = {0};
    struct caller_rate rate = started(0, 2);
    struct request request = {.principal = {.owner_id = "o", .key_id = "k", .rate_limit = 6}};
    assert_true(caller_rate_check(&rate, &request, true, &err));
    assert_non_null(strstr(buf_text(&request.response.headers), "X-RateLimit-Limit: 2\r\n"));
    assert_non_null(strstr(buf_text(&request.response.headers), "X-RateLimit-Remaining: 1\r\n"));
    assert_non_null(strstr(buf_text(&request.response.headers), "X-RateLimit-Reset: 10\r\n"));
    assert_true(caller_rate_check(&rate, &request, true, &err));
    assert_false(caller_rate_check(&rate, &request, true, &err));
    assert_int_equal(err.code, ERROR_RATE_LIMITED);
    assert_int_equal(request.response.retry_after_s, 10);
    struct request other = {.principal = {.owner_id = "o", .key_id = "l", .rate_limit = 6}};
    assert_true(caller_rate_check(&rate, &other, true, &err));
    request_free(&request);
    request_free(&other);
    caller_rate_stop(&rate);
}

/* Who guesses is slowed down; who has a key is not, from the same address; nor is an outage a guess. */
static void guesses_count_for_their_address(void **state) {
    (void)state;
    struct error err = {0};
    struct caller_rate rate = started(2, 0);
    for (int i = 0; i < 4; i++) {
        struct request request = {.remote_address = "192.0.2.7"};
        (void)!error_set(&err, ERROR_UNAUTHORIZED, "no");
        assert_false(caller_rate_check(&rate, &request, false, &err));
        assert_int_equal(err.code, i < 2 ? ERROR_UNAUTHORIZED : ERROR_RATE_LIMITED);
        assert_int_equal(request.response.close, i >= 2);
        request_free(&request);
    }
    struct request known = {.remote_address = "192.0.2.7", .principal = {.owner_id = "o", .key_id = "k"}};
    assert_true(caller_rate_check(&rate, &known, true, &err));
    struct request outage = {.remote_address = "192.0.2.7"};
    (void)!error_set(&err, ERROR_DATABASE_UNAVAILABLE, "down");
    assert_false(caller_rate_check(&rate, &outage, false, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    caller_rate_stop(&rate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_have_names_of_their_own),
        cmocka_unit_test(without_a_limit_nothing_is_said),
        cmocka_unit_test(a_key_has_its_own_limit),
        cmocka_unit_test(guesses_count_for_their_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
