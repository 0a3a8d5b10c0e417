#include "processor/sweeper.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static const struct sweeper_policy policy = {.interval_s = MINUTE_S, .pending_ttl_s = DAY_S};

/* A file of this age whose URL was valid for a quarter of an hour. */
static struct sweeper_file aged_s(int64_t age_s) {
    static const int64_t created_ms = 1795000000000;
    return (struct sweeper_file){
        .created_ms = created_ms, .expires_ms = created_ms + 15 * 60000, .now_ms = created_ms + age_s * 1000};
}

static int64_t next_look_s(int64_t age_s) {
    struct sweeper_file file = aged_s(age_s);
    return sweeper_next_look_s(&policy, &file);
}

static void every_sweep_looks_while_the_url_is_valid(void **state) {
    (void)state;
    for (int64_t age_s = 0; age_s <= 16 * MINUTE_S; age_s += 7) {
        assert_int_equal(next_look_s(age_s), MINUTE_S);
    }
}

static void then_each_wait_is_as_long_as_the_age(void **state) {
    (void)state;
    assert_int_equal(next_look_s(16 * MINUTE_S + 1), 16 * MINUTE_S + 1);
    assert_int_equal(next_look_s(40 * MINUTE_S), 40 * MINUTE_S);
    assert_int_equal(next_look_s(2 * HOUR_S), HOUR_S);
    assert_int_equal(next_look_s(20 * HOUR_S), HOUR_S);
}

static void the_last_look_is_when_the_time_is_over(void **state) {
    (void)state;
    assert_int_equal(next_look_s(DAY_S - 10 * MINUTE_S), 10 * MINUTE_S);
    assert_int_equal(next_look_s(DAY_S - 1), 1);
}

static void a_file_is_given_up_at_the_end_of_its_time(void **state) {
    (void)state;
    struct sweeper_file young = aged_s(DAY_S - 1);
    struct sweeper_file old = aged_s(DAY_S);
    assert_false(sweeper_is_over(&policy, &young));
    assert_true(sweeper_is_over(&policy, &old));
}

static void a_wait_is_never_nothing(void **state) {
    (void)state;
    for (int64_t age_s = -HOUR_S; age_s < 2 * DAY_S; age_s += 61) { /* negative: a clock was set back */
        assert_true(next_look_s(age_s) > 0);
    }
}

static void a_sweep_without_a_database_fails_quietly(void **state) {
    (void)state;
    struct config config = {.sweep_interval_s = 60, .pending_ttl_s = 60};
    struct error err = {0};
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    _cleanup_(sweeper_freep) struct sweeper *sweeper = sweeper_new(&config, db, NULL, NULL);
    assert_false(sweeper_run(sweeper, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sweep_looks_while_the_url_is_valid),
        cmocka_unit_test(then_each_wait_is_as_long_as_the_age),
        cmocka_unit_test(the_last_look_is_when_the_time_is_over),
        cmocka_unit_test(a_file_is_given_up_at_the_end_of_its_time),
        cmocka_unit_test(a_wait_is_never_nothing),
        cmocka_unit_test(a_sweep_without_a_database_fails_quietly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
