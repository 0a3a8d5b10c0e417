/* The source itself: by a library's name the sanitizer's accept would come first. */
#include "api/http_accept.c"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static int listen_on(struct sockaddr_in *ret_address) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof *ret_address;
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(listener, (struct sockaddr *)ret_address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)ret_address, &size), 0);
    return listener;
}

static void nobody_at_the_door_is_said_at_once(void **state) {
    (void)state;
    struct sockaddr_in address;
    int listener = listen_on(&address);
    int64_t started_ms = clock_monotonic_ms();
    assert_int_equal(accept_or_pause(listener, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
    assert_in_range(clock_monotonic_ms() - started_ms, 0, PAUSE_MS - 1);
    close(listener);
}

static void at_the_limit_it_pauses_and_the_connection_waits(void **state) {
    (void)state;
    struct sockaddr_in address;
    struct rlimit before;
    int listener = listen_on(&address);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    int next = dup(client); /* the lowest that is free */
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none_left = {(rlim_t)next, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_left), 0);

    int64_t started_ms = clock_monotonic_ms();
    int refused = accept_or_pause(listener, NULL, NULL);
    int reason = errno;
    int64_t taken_ms = clock_monotonic_ms() - started_ms;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(refused, -1);
    assert_int_equal(reason, EMFILE);
    assert_true(taken_ms >= PAUSE_MS - 1);

    int connection = accept_or_pause(listener, NULL, NULL);
    assert_true(connection >= 0);
    assert_int_equal(fcntl(connection, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(connection);
    close(client);
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_at_the_door_is_said_at_once),
        cmocka_unit_test(at_the_limit_it_pauses_and_the_connection_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
