#include "processor/webhook_sender.h"

#include "run_alone.h"
#include "settings.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Without a database there is nothing to send; it tries again calmly, and stops at once when asked. */
static void it_outlives_every_outage(void **state) {
    (void)state;
    struct config config = nothing_works();
    struct activity *activity = shared_activity();
    const struct role_context context = {&config, "host-webhooks0.1", activity};
    pid_t pid = run_role(webhook_sender_run, &context);
    while (atomic_load(&activity->ends_ms) == 0) {
        clock_sleep_ms(5);
    }
    int64_t asked_ms = clock_monotonic_ms();
    assert_int_equal(stop_alone(pid), 0);
    assert_in_range(clock_monotonic_ms() - asked_ms, 0, 10000);
    munmap(activity, sizeof *activity);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_outlives_every_outage),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
