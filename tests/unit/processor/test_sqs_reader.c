#include "processor/sqs_reader.h"

#include "../common/fake_server.h"
#include "common/metrics.h"
#include "run_alone.h"
#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SOON_MS = 15000 };

static pid_t run_reader(struct config *config, char *queue_url) {
    config->sqs_queue_url = queue_url;
    const struct role_context context = {config, "reader", shared_activity()};
    return run_role(sqs_reader_run, &context);
}

static void a_queue_that_is_away_ends_nothing(void **state) {
    (void)state;
    static char url[] = "http://127.0.0.1:1/1/uploads";
    struct config config = nothing_works();
    pid_t pid = run_reader(&config, url);
    clock_sleep_ms(200);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    assert_int_equal(stop_alone(pid), 0);
}

/* Says so by its only request, and never answers. */
static void take_and_be_silent(struct fake_server *server, FILE *input, int output) {
    (void)server;
    (void)output;
    while (getc(input) != EOF) {
    }
}

/* It must not hold up a drain for the 20 s that a long poll takes. */
static void a_stop_ends_the_wait_for_messages(void **state) {
    (void)state;
    struct fake_server server;
    char url[64];
    struct config config = nothing_works();
    fake_server_start(&server, (const char *const[]){NULL}, take_and_be_silent);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/1/uploads", server.port);
    pid_t pid = run_reader(&config, url);
    while (server.connections == 0) {
        clock_sleep_ms(10);
    }
    int64_t asked_ms = clock_monotonic_ms();
    assert_int_equal(stop_alone(pid), 0);
    assert_true(clock_monotonic_ms() - asked_ms < SOON_MS);
    fake_server_stop(&server);
    fake_server_free(&server);
}

static void a_wrong_url_ends_it(void **state) {
    (void)state;
    static char url[] = "uploads";
    struct config config = nothing_works();
    config.sqs_queue_url = url;
    const struct role_context context = {&config, "reader", shared_activity()};
    assert_int_equal(sqs_reader_run(&context), EXIT_FAILURE);
}

static int start(void **state) {
    (void)state;
    metrics_start();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_that_is_away_ends_nothing),
        cmocka_unit_test(a_stop_ends_the_wait_for_messages),
        cmocka_unit_test(a_wrong_url_ends_it),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
