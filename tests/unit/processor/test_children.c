#include "processor/children.h"

#include "common/clock.h"
#include "common/daemon.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DEADLINE_MS = 20000 };

static int ends_at_once(const struct role_context *context) {
    (void)context;
    return 7;
}

static int waits_for_stop(const struct role_context *context) {
    (void)context;
    while (!daemon_stopping()) {
        clock_sleep_ms(20);
    }
    return 0;
}

static int hangs(const struct role_context *context) {
    activity_begin(context->activity, clock_monotonic_ms(), 1);
    signal(SIGTERM, SIG_IGN);
    while (clock_monotonic_ms() > 0) { /* for ever */
        clock_sleep_ms(1000);
    }
    return 0;
}

/* Descriptors of the parent are closed: this one is 3 or above. */
static int tells_of_open_descriptors(const struct role_context *context) {
    (void)context;
    for (int descriptor = 3; descriptor < 64; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) {
            return 1;
        }
    }
    return 0;
}

static const struct role quick = {"quick", true, ends_at_once};
static const struct role steady = {"steady", true, waits_for_stop};
static const struct role aide = {"aide", false, waits_for_stop};
static const struct role hanging = {"hanging", true, hangs};
static const struct role closed = {"closed", false, tells_of_open_descriptors};

static struct children *start(const struct role *role, size_t count) {
    struct children *children = children_new(NULL, "host-1a2b");
    children_add(children, role, count);
    children_start(children, clock_monotonic_ms());
    return children;
}

/* Waits for the next end. */
static struct child_end wait_for_end(struct children *children) {
    struct child_end end = {0};
    int64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (!children_reap(children, clock_monotonic_ms(), &end)) {
        assert_true(clock_monotonic_ms() < deadline_ms);
        clock_sleep_ms(5);
    }
    return end;
}

static void stop_all(struct children *children) {
    children_ask_to_stop(children);
    while (children_running(children) > 0) {
        (void)wait_for_end(children);
    }
}

static void the_delay_doubles_up_to_its_cap(void **state) {
    (void)state;
    assert_int_equal(children_restart_delay_ms(0), 0);
    assert_int_equal(children_restart_delay_ms(1), 100);
    assert_int_equal(children_restart_delay_ms(2), 200);
    assert_int_equal(children_restart_delay_ms(6), 3200);
    assert_int_equal(children_restart_delay_ms(7), 5000);
    assert_int_equal(children_restart_delay_ms(UINT32_MAX), 5000);
}

static void a_dead_child_is_told_and_replaced_under_another_name(void **state) {
    (void)state;
    _cleanup_(children_freep) struct children *children = start(&quick, 1);
    struct child_end end = wait_for_end(children);
    assert_string_equal(end.name, "host-1a2b-quick0.1");
    assert_int_equal(end.status, 7);
    assert_true(end.is_lone);
    assert_int_equal(children_running(children), 0);
    int64_t next_ms = children_next_start_ms(children);
    children_start(children, next_ms - 1); /* too early */
    assert_int_equal(children_running(children), 0);
    children_start(children, next_ms);
    assert_int_equal(children_next_start_ms(children), INT64_MAX);
    assert_string_equal(wait_for_end(children).name, "host-1a2b-quick0.2");
}

static void children_are_asked_and_end(void **state) {
    (void)state;
    _cleanup_(children_freep) struct children *children = start(&steady, 2);
    children_add(children, &aide, 1);
    children_start(children, clock_monotonic_ms());
    assert_int_equal(children_running(children), 3);
    assert_int_equal(children_workers_running(children), 2);
    children_ask_to_stop(children);
    struct child_end end = wait_for_end(children);
    assert_int_equal(end.status, 0);
    assert_false(end.is_lone);
    children_start(children, INT64_MAX - 1); /* nobody is replaced */
    stop_all(children);
}

static void a_killed_child_is_told_by_its_signal(void **state) {
    (void)state;
    _cleanup_(children_freep) struct children *children = start(&steady, 1);
    children_kill(children);
    assert_int_equal(wait_for_end(children).status, -SIGKILL);
}

static void an_overdue_child_is_killed_and_not_healthy(void **state) {
    (void)state;
    const char *names[4];
    _cleanup_(children_freep) struct children *children = start(&hanging, 1);
    int64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (children_healthy_workers(children, clock_monotonic_ms(), names, 4) > 0) {
        assert_true(clock_monotonic_ms() < deadline_ms);
        clock_sleep_ms(5);
    }
    children_kill_overdue(children, clock_monotonic_ms());
    assert_int_equal(wait_for_end(children).status, -SIGKILL);
}

static pid_t second_child(void) {
    char path[64];
    int first = 0;
    int second = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d %d", &first, &second), 2);
    return second;
}

/* Who is stopped cannot work: its leases must run out. */
static void a_stopped_child_is_not_healthy_until_it_goes_on(void **state) {
    (void)state;
    const char *names[4];
    struct child_end end;
    _cleanup_(children_freep) struct children *children = start(&steady, 2);
    assert_int_equal(children_healthy_workers(children, clock_monotonic_ms(), names, 4), 2);
    assert_string_equal(names[1], "host-1a2b-steady1.1");
    kill(second_child(), SIGSTOP);
    int64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (children_healthy_workers(children, clock_monotonic_ms(), names, 4) != 1) {
        assert_false(children_reap(children, clock_monotonic_ms(), &end));
        assert_true(clock_monotonic_ms() < deadline_ms);
    }
    assert_string_equal(names[0], "host-1a2b-steady0.1");
    kill(second_child(), SIGCONT);
    while (children_healthy_workers(children, clock_monotonic_ms(), names, 4) != 2) {
        assert_false(children_reap(children, clock_monotonic_ms(), &end));
        assert_true(clock_monotonic_ms() < deadline_ms);
    }
    stop_all(children);
}

static void a_child_inherits_no_descriptors(void **state) {
    (void)state;
    int descriptor = fcntl(STDIN_FILENO, F_DUPFD, 10);
    assert_true(descriptor >= 10);
    _cleanup_(children_freep) struct children *children = start(&closed, 1);
    assert_int_equal(wait_for_end(children).status, 0);
    close(descriptor);
}

/* As the supervisor does: a child that is asked to stop before it can catch the signal finds it pending. */
static int block_stop(void **state) {
    (void)state;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    return sigprocmask(SIG_BLOCK, &signals, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_delay_doubles_up_to_its_cap),
        cmocka_unit_test(a_dead_child_is_told_and_replaced_under_another_name),
        cmocka_unit_test(children_are_asked_and_end),
        cmocka_unit_test(a_killed_child_is_told_by_its_signal),
        cmocka_unit_test(an_overdue_child_is_killed_and_not_healthy),
        cmocka_unit_test(a_stopped_child_is_not_healthy_until_it_goes_on),
        cmocka_unit_test(a_child_inherits_no_descriptors),
    };
    return cmocka_run_group_tests(tests, block_stop, NULL);
}
