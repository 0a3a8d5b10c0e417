#include "processor/webhook_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct config config = {.webhook_retry_base_ms = 1000,
                                     .webhook_retry_max_ms = 60000,
                                     .webhook_pause_max_ms = 8000,
                                     .webhook_retry_s = 3600};

/* The longest that the jitter allows. */
static enum webhook_result decide(const struct webhook_job *job, int status, int64_t retry_after_s, uint64_t limit,
                                  struct webhook_outcome *ret_outcome) {
    const struct http_group_end end = {.status = status, .retry_after_s = retry_after_s};
    return webhook_verdict(&config, job, &end, limit, ret_outcome);
}

static void every_2xx_is_a_yes_and_nothing_else(void **state) {
    (void)state;
    const struct webhook_job job = {.attempts = 1};
    struct webhook_outcome outcome;
    for (int status = 200; status < 300; status++) {
        assert_int_equal(decide(&job, status, 60, 0, &outcome), WEBHOOK_DELIVERED);
        assert_string_equal(outcome.status, "delivered");
        assert_int_equal(outcome.pause_ms, 0);
    }
    static const int others[] = {0, 199, 300, 301, 308, 400, 401, 404, 409, 422, 429, 500, 503, 599};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(decide(&job, others[i], 0, 0, &outcome), WEBHOOK_POSTPONED);
        assert_string_equal(outcome.status, "pending");
        assert_int_equal(outcome.http_status, others[i]);
        assert_false(outcome.is_gone);
    }
}

static void gone_is_gone(void **state) {
    (void)state;
    const struct webhook_job job = {.attempts = 1};
    struct webhook_outcome outcome;
    assert_int_equal(decide(&job, 410, 0, 0, &outcome), WEBHOOK_GIVEN_UP);
    assert_true(outcome.is_gone);
    assert_string_equal(outcome.status, "failed");
}

static void delays_double_for_the_delivery_and_for_its_endpoint(void **state) {
    (void)state;
    struct webhook_outcome outcome;
    for (int64_t times = 0; times < 10; times++) {
        const struct webhook_job job = {.attempts = times + 1, .failures = times};
        int64_t doubled = (int64_t)1000 << times;
        decide(&job, 500, 0, (uint64_t)(doubled < 60000 ? doubled : 60000), &outcome);
        assert_int_equal(outcome.delay_ms, doubled < 60000 ? doubled : 60000);
        decide(&job, 500, 0, (uint64_t)(doubled < 8000 ? doubled : 8000), &outcome);
        assert_int_equal(outcome.pause_ms, doubled < 8000 ? doubled : 8000);
        decide(&job, 500, 0, 0, &outcome);
        assert_int_equal(outcome.delay_ms, 0);
    }
    const struct webhook_job odd = {.attempts = INT64_MAX, .failures = -1};
    decide(&odd, 500, 0, 60000, &outcome);
    assert_in_range(outcome.delay_ms, 0, 60000);
}

static void retry_after_is_honoured_up_to_a_day(void **state) {
    (void)state;
    const struct webhook_job job = {.attempts = 1};
    struct webhook_outcome outcome;
    assert_int_equal(decide(&job, 503, 120, 0, &outcome), WEBHOOK_POSTPONED);
    assert_int_equal(outcome.delay_ms, 120000);
    assert_int_equal(outcome.pause_ms, 120000);
    decide(&job, 503, INT64_MAX, 0, &outcome);
    assert_int_equal(outcome.delay_ms, 86400000);
}

static void it_is_given_up_when_the_time_is_over(void **state) {
    (void)state;
    const struct webhook_job young = {.attempts = 40, .age_ms = 3599999};
    const struct webhook_job old = {.attempts = 1, .age_ms = 3600000};
    struct webhook_outcome outcome;
    assert_int_equal(decide(&young, 500, 0, 0, &outcome), WEBHOOK_POSTPONED);
    assert_int_equal(decide(&old, 500, 0, 0, &outcome), WEBHOOK_GIVEN_UP);
    assert_string_equal(outcome.status, "failed");
    assert_int_equal(decide(&old, 204, 0, 0, &outcome), WEBHOOK_DELIVERED);
}

static void what_was_said_is_kept(void **state) {
    (void)state;
    const struct webhook_job job = {.attempts = 1};
    struct webhook_outcome outcome;
    _cleanup_(http_group_end_free) struct http_group_end end = {.message = "timed out"};
    webhook_verdict(&config, &job, &end, 0, &outcome);
    assert_string_equal(outcome.error, "timed out");
    assert_null(outcome.response);
    end.message[0] = '\0';
    buf_append_text(&end.body, "no");
    webhook_verdict(&config, &job, &end, 0, &outcome);
    assert_null(outcome.error);
    assert_string_equal(outcome.response, "no");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_2xx_is_a_yes_and_nothing_else),
        cmocka_unit_test(gone_is_gone),
        cmocka_unit_test(delays_double_for_the_delivery_and_for_its_endpoint),
        cmocka_unit_test(retry_after_is_honoured_up_to_a_day),
        cmocka_unit_test(it_is_given_up_when_the_time_is_over),
        cmocka_unit_test(what_was_said_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
