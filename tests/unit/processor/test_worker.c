#include "processor/worker.h"

#include "run_alone.h"
#include "settings.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* With everything down a worker keeps trying, shows that it is alive, and stops when asked. */
static void a_worker_outlives_every_outage(void **state) {
    (void)state;
    struct config config = nothing_works();
    struct activity *activity = shared_activity();
    const struct role_context context = {&config, "host-worker0.1", activity};
    pid_t pid = run_role(worker_run, &context);
    while (atomic_load(&activity->ends_ms) == 0) {
        clock_sleep_ms(5);
    }
    int64_t first_ms = atomic_load(&activity->ends_ms);
    while (atomic_load(&activity->ends_ms) <= first_ms + 100) {
        clock_sleep_ms(5);
    }
    assert_int_equal(stop_alone(pid), 0);
    munmap(activity, sizeof *activity);
}

static void a_worker_with_a_malformed_address_fails(void **state) {
    (void)state;
    struct config config = nothing_works();
    static char nonsense[] = "nonsense";
    config.redis_url = nonsense;
    struct activity activity = {0};
    const struct role_context context = {&config, "host-worker0.1", &activity};
    assert_int_not_equal(worker_run(&context), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_outlives_every_outage),
        cmocka_unit_test(a_worker_with_a_malformed_address_fails),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
