#include "fake_server.h"

#include "common/metrics.h"
#include "common/metrics_server.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static _Atomic int refreshes;
static _Atomic bool is_healthy;

static void refresh(void *context) {
    refreshes++;
    metrics_set(METRIC_WORKERS, 0, *(const int *)context);
}

static bool healthy(void *context, struct error *reason) {
    (void)context;
    return is_healthy || error_set(reason, ERROR_DATABASE_UNAVAILABLE, "inner detail");
}

static int workers = 4;

/* One for all tests: civetweb takes up to two seconds to stop. */
static struct metrics_server *server;

static int start(void **state) {
    (void)state;
    metrics_start();
    struct metrics_server_options options = {
        .listen = "127.0.0.1:0", .refresh = refresh, .healthy = healthy, .context = &workers};
    struct error err = {0};
    if (!metrics_server_start(&options, &server, &err)) {
        fail_msg("%s", err.message);
    }
    return 0;
}

static int stop(void **state) {
    (void)state;
    metrics_server_stop(server);
    return 0;
}

/* The whole answer to a request; the caller frees it. */
static char *answer_to(const char *method, const char *path) {
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)metrics_server_port(server));
    assert_int_equal(connect(connection, (struct sockaddr *)&address, sizeof address), 0);
    _cleanup_(freep) char *request =
        xasprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method, path);
    assert_int_equal(write(connection, request, strlen(request)), strlen(request));
    struct buf answer = {0};
    for (ssize_t got = 1; got > 0;) {
        got = read(connection, buf_reserve(&answer, 4096), 4096);
        answer.length += got > 0 ? (size_t)got : 0;
    }
    buf_append(&answer, "", 0);
    close(connection);
    return buf_take(&answer);
}

static void assert_answer(const char *method, const char *path, const char *status, const char *part) {
    _cleanup_(freep) char *answer = answer_to(method, path);
    if (strncmp(answer + strlen("HTTP/1.1 "), status, strlen(status)) != 0 || strstr(answer, part) == NULL) {
        fail_msg("%s %s: not %s with \"%s\" but:\n%s", method, path, status, part, answer);
    }
}

static void metrics_are_refreshed_and_served(void **state) {
    (void)state;
    refreshes = 0;
    assert_answer("GET", "/metrics", "200", "\nsluice_workers 4\n");
    assert_answer("GET", "/metrics", "200", "text/plain; version=0.0.4");
    assert_answer("GET", "/", "200", "\nsluice_workers 4\n");
    assert_int_equal(refreshes, 3);
    _cleanup_(freep) char *head = answer_to("HEAD", "/metrics");
    assert_null(strstr(head, "sluice_workers"));
}

static void health_is_what_the_daemon_says(void **state) {
    (void)state;
    is_healthy = true;
    assert_answer("GET", "/healthz", "200", "\r\n\r\nok\n");
    is_healthy = false;
    assert_answer("GET", "/healthz", "503", "The database is not available");
    _cleanup_(freep) char *answer = answer_to("GET", "/healthz");
    assert_null(strstr(answer, "inner detail"));
}

static void nothing_else_is_served(void **state) {
    (void)state;
    assert_answer("GET", "/x", "404", "/healthz");
    assert_answer("GET", "/metrics/../../etc/passwd", "404", "");
    assert_answer("POST", "/metrics", "405", "");
    assert_answer("PUT", "/x", "404", "");
    assert_answer("DELETE", "/metrics", "405", "");
}

static void an_address_that_cannot_be_had_is_an_error(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port);
    assert_int_equal(listen(listener, 1), 0);
    _cleanup_(freep) char *taken = xasprintf("127.0.0.1:%d", port);
    const char *const addresses[] = {taken, "nonsense", "192.0.2.1:9090"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct metrics_server_options options = {.listen = addresses[i]};
        struct metrics_server *none = NULL;
        struct error err = {0};
        assert_false(metrics_server_start(&options, &none, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, addresses[i]));
    }
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_refreshed_and_served),
        cmocka_unit_test(health_is_what_the_daemon_says),
        cmocka_unit_test(nothing_else_is_served),
        cmocka_unit_test(an_address_that_cannot_be_had_is_an_error),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
