#include "api/rate_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SECOND = 1000000 };

static void a_burst_passes_and_then_one_at_a_time(void **state) {
    (void)state;
    const struct rate_terms terms = {.per_minute = 60, .burst = 3};
    int64_t full_us = 0;
    int64_t now_us = 50LL * SECOND;
    for (int i = 0; i < 3; i++) {
        struct rate_verdict verdict = rate_limit_decide(&terms, now_us, &full_us);
        assert_true(verdict.allowed);
        assert_int_equal(verdict.remaining, 2 - i);
        assert_int_equal(verdict.reset_s, i + 1);
    }
    for (int i = 0; i < 5; i++) { /* refusals cost nothing */
        struct rate_verdict refused = rate_limit_decide(&terms, now_us, &full_us);
        assert_false(refused.allowed);
        assert_int_equal(refused.remaining, 0);
        assert_int_equal(refused.retry_after_s, 1);
        assert_int_equal(refused.reset_s, 3);
    }
    assert_false(rate_limit_decide(&terms, now_us + SECOND - 1, &full_us).allowed);
    assert_true(rate_limit_decide(&terms, now_us + SECOND, &full_us).allowed);
    assert_false(rate_limit_decide(&terms, now_us + SECOND, &full_us).allowed);
    struct rate_verdict late = rate_limit_decide(&terms, now_us + 100LL * SECOND, &full_us);
    assert_int_equal(late.remaining, 2);
}

static void what_is_waited_for_is_enough(void **state) {
    (void)state;
    static const struct rate_terms all[] = {{1, 1}, {7, 2}, {600, 1}, {6000000, 6000000}, {100, 1000}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int64_t full_us = 0;
        int64_t now_us = 12345678;
        struct rate_verdict verdict = {.allowed = true};
        for (int64_t taken = 0; verdict.allowed && taken <= all[i].burst; taken++) {
            verdict = rate_limit_decide(&all[i], now_us, &full_us);
            assert_int_equal(verdict.allowed, taken < all[i].burst);
        }
        assert_true(verdict.retry_after_s >= 1);
        assert_true(rate_limit_decide(&all[i], now_us + verdict.retry_after_s * SECOND, &full_us).allowed);
    }
}

static void over_an_hour_it_is_as_many_as_promised(void **state) {
    (void)state;
    const struct rate_terms terms = {.per_minute = 90, .burst = 10};
    int64_t full_us = 0;
    int64_t allowed = 0;
    for (int64_t now_us = SECOND; now_us < 3601LL * SECOND; now_us += SECOND / 10) {
        allowed += rate_limit_decide(&terms, now_us, &full_us).allowed;
    }
    assert_in_range(allowed, 90 * 60, 90 * 60 + 10);
}

static void callers_do_not_count_for_each_other(void **state) {
    (void)state;
    const struct rate_terms terms = {.per_minute = 1, .burst = 1};
    _cleanup_(rate_table_freep) struct rate_table *table = rate_table_new();
    for (uint64_t caller = 1; caller < 1000; caller++) {
        assert_true(rate_table_take(table, caller, &terms, SECOND).allowed);
    }
    for (uint64_t caller = 1; caller < 1000; caller++) {
        assert_false(rate_table_take(table, caller, &terms, SECOND).allowed);
    }
}

/* More callers than places in one set: those who came most are remembered. */
static void a_full_set_forgets_who_came_least(void **state) {
    (void)state;
    const struct rate_terms terms = {.per_minute = 60, .burst = 5};
    _cleanup_(rate_table_freep) struct rate_table *table = rate_table_new();
    for (int i = 0; i < 5; i++) {
        assert_true(rate_table_take(table, RATE_TABLE_SETS, &terms, SECOND).allowed);
    }
    for (uint64_t caller = 2; caller < 100; caller++) {
        assert_true(rate_table_take(table, caller * RATE_TABLE_SETS, &terms, SECOND).allowed);
    }
    assert_false(rate_table_take(table, RATE_TABLE_SETS, &terms, SECOND).allowed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_and_then_one_at_a_time),  cmocka_unit_test(what_is_waited_for_is_enough),
        cmocka_unit_test(over_an_hour_it_is_as_many_as_promised), cmocka_unit_test(callers_do_not_count_for_each_other),
        cmocka_unit_test(a_full_set_forgets_who_came_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
