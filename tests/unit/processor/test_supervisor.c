#include "processor/supervisor.h"

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

enum { CHILDREN = 2, DEADLINE_MS = 30000 };

static int run_supervisor(const struct role_context *context) {
    struct error err = {0};
    return supervisor_run(context->config, &err) ? 0 : 1;
}

/* The pids of its children; how many there are. */
static int children_of(pid_t pid, int ret_pids[CHILDREN]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    int count = file == NULL ? 0 : fscanf(file, "%d %d", &ret_pids[0], &ret_pids[1]);
    return count < 0 ? 0 : count;
}

static void wait_for_children(pid_t pid, int ret_pids[CHILDREN]) {
    int64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (children_of(pid, ret_pids) < CHILDREN) {
        assert_true(clock_monotonic_ms() < deadline_ms);
        clock_sleep_ms(10);
    }
}

static pid_t start(struct config *config) {
    *config = nothing_works();
    const struct role_context context = {.config = config};
    return run_role(run_supervisor, &context);
}

static void it_starts_all_and_ends_all(void **state) {
    (void)state;
    struct config config;
    int pids[CHILDREN];
    pid_t pid = start(&config);
    wait_for_children(pid, pids);
    assert_int_equal(stop_alone(pid), 0);
    assert_int_not_equal(kill(pids[0], 0), 0);
    assert_int_not_equal(kill(pids[1], 0), 0);
}

static void a_killed_child_is_replaced(void **state) {
    (void)state;
    struct config config;
    int before[CHILDREN];
    int after[CHILDREN];
    pid_t pid = start(&config);
    wait_for_children(pid, before);
    kill(before[0], SIGKILL);
    do {
        wait_for_children(pid, after);
    } while (after[0] == before[0] || after[1] == before[0]);
    assert_int_equal(stop_alone(pid), 0);
}

static void a_malformed_address_is_refused(void **state) {
    (void)state;
    static char nonsense[] = "nonsense";
    struct config config = nothing_works();
    struct error err = {0};
    config.s3_endpoint = nonsense;
    assert_false(supervisor_run(&config, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_all_and_ends_all),
        cmocka_unit_test(a_killed_child_is_replaced),
        cmocka_unit_test(a_malformed_address_is_refused),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
