#include "processor/housekeeper.h"

#include "run_alone.h"
#include "settings.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool has_threads(pid_t pid) {
    char path[64];
    char line[128];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0) {
            return strtol(line + 8, NULL, 10) > 1;
        }
    }
    return false;
}

/* With everything down it still listens (by threads), and it stops at once when asked. */
static void the_house_is_kept_through_every_outage(void **state) {
    (void)state;
    struct config config = nothing_works();
    config.sweep_interval_s = 3600;
    struct activity *activity = shared_activity();
    const struct role_context context = {&config, "host-housekeeper0.1", activity};
    pid_t pid = run_role(housekeeper_run, &context);
    while (!has_threads(pid)) {
        clock_sleep_ms(5);
    }
    int64_t asked_ms = clock_monotonic_ms();
    assert_int_equal(stop_alone(pid), 0);
    assert_in_range(clock_monotonic_ms() - asked_ms, 0, 10000);
    munmap(activity, sizeof *activity);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_house_is_kept_through_every_outage),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
