#include "processor/decoder_process.h"

#include "common/decoder_protocol.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

static void a_program_that_cannot_be_run_hangs_up(void **state) {
    (void)state;
    struct decoder_process process = {0, -1};
    struct error err = {0};
    char byte = 0;
    assert_true(decoder_process_start(&process, "/nonexistent", &err));
    assert_true(process.pid > 0);
    assert_int_equal(recv(process.control_fd, &byte, 1, 0), 0);
    decoder_process_stop(&process);
    assert_int_equal(process.pid, 0);
    decoder_process_stop(&process); /* once more does nothing */
}

/* Whether it has ended by itself or not. */
static void one_that_runs_is_ended(void **state) {
    (void)state;
    struct decoder_process process = {0, -1};
    struct error err = {0};
    assert_true(decoder_process_start(&process, "/bin/cat", &err));
    pid_t pid = process.pid;
    int control = process.control_fd;
    assert_int_equal(kill(pid, 0), 0);
    decoder_process_stop(&process);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(fcntl(control, F_GETFD), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_cannot_be_run_hangs_up),
        cmocka_unit_test(one_that_runs_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
