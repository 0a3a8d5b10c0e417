#include "api/http_deadline.h"
#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_wait_ends_at_the_deadline(void **state) {
    (void)state;
    _cleanup_(http_deadline_freep) struct http_deadline *deadline = http_deadline_new();
    assert_non_null(deadline);
    int64_t started_ms = clock_monotonic_ms();
    http_deadline_set(deadline, 30);
    clock_sleep_ms(5000);
    http_deadline_clear(deadline);
    int64_t waited_ms = clock_monotonic_ms() - started_ms;
    assert_true(waited_ms >= 29 && waited_ms < 4000);
}

static void a_deadline_that_was_cleared_ends_nothing(void **state) {
    (void)state;
    _cleanup_(http_deadline_freep) struct http_deadline *deadline = http_deadline_new();
    http_deadline_set(deadline, 20);
    http_deadline_clear(deadline);
    int64_t started_ms = clock_monotonic_ms();
    clock_sleep_ms(60);
    assert_true(clock_monotonic_ms() - started_ms >= 59);
}

static void none_is_accepted(void **state) {
    (void)state;
    http_deadline_set(NULL, 1);
    http_deadline_clear(NULL);
    http_deadline_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_ends_at_the_deadline),
        cmocka_unit_test(a_deadline_that_was_cleared_ends_nothing),
        cmocka_unit_test(none_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
