#include "common/retry_gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_healthy_service_is_open_to_all(void **state) {
    (void)state;
    struct retry_gate gate = {0};
    assert_true(retry_gate_enter(&gate, 1000, 5000));
    assert_true(retry_gate_enter(&gate, 1000, 5000));
}

static void nobody_tries_right_after_a_failure(void **state) {
    (void)state;
    struct retry_gate gate = {0};
    retry_gate_report(&gate, 1000, false);
    assert_false(retry_gate_enter(&gate, 1000, 5000));
    assert_false(retry_gate_enter(&gate, 1000 + RETRY_GATE_PAUSE_MS - 1, 5000));
}

static void then_one_tries_and_the_others_do_not_wait_for_it(void **state) {
    (void)state;
    struct retry_gate gate = {0};
    retry_gate_report(&gate, 1000, false);
    assert_true(retry_gate_enter(&gate, 1000 + RETRY_GATE_PAUSE_MS, 5000));
    assert_false(retry_gate_enter(&gate, 1000 + RETRY_GATE_PAUSE_MS, 5000));
    assert_false(retry_gate_enter(&gate, 1000 + RETRY_GATE_PAUSE_MS + 4999, 5000));
}

static void an_attempt_that_never_reported_does_not_close_it_for_ever(void **state) {
    (void)state;
    struct retry_gate gate = {0};
    retry_gate_report(&gate, 1000, false);
    assert_true(retry_gate_enter(&gate, 2000, 5000));
    assert_true(retry_gate_enter(&gate, 7000, 5000));
}

static void a_success_opens_it(void **state) {
    (void)state;
    struct retry_gate gate = {0};
    retry_gate_report(&gate, 1000, false);
    retry_gate_report(&gate, 1001, true);
    assert_true(retry_gate_enter(&gate, 1001, 5000));
    assert_true(retry_gate_enter(&gate, 1001, 5000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_service_is_open_to_all),
        cmocka_unit_test(nobody_tries_right_after_a_failure),
        cmocka_unit_test(then_one_tries_and_the_others_do_not_wait_for_it),
        cmocka_unit_test(an_attempt_that_never_reported_does_not_close_it_for_ever),
        cmocka_unit_test(a_success_opens_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
