#include "decoder/zygote.h"

#include "decoder/job.h"
#include "decoder/memory_limit.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Wait statuses as <bits/waitstatus.h> builds them. */
static int exited(int code) {
    return code << 8;
}

static void an_end_has_a_meaning(void **state) {
    (void)state;
    static const struct {
        int signal_number;
        enum decoder_outcome killed_by_us;
        enum decoder_outcome outcome;
    } signals[] = {
        {SIGSYS, DECODER_ENDED, DECODER_BLOCKED_CALL},
        {SIGXCPU, DECODER_ENDED, DECODER_OUT_OF_TIME},
        {SIGXFSZ, DECODER_ENDED, DECODER_OUT_OF_MEMORY},
        {SIGKILL, DECODER_ENDED, DECODER_OUT_OF_MEMORY},
        {SIGKILL, DECODER_OUT_OF_TIME, DECODER_OUT_OF_TIME},
        {SIGKILL, DECODER_CANCELLED, DECODER_CANCELLED},
        {SIGSEGV, DECODER_ENDED, DECODER_CRASH},
        {SIGSEGV, DECODER_OUT_OF_TIME, DECODER_CRASH},
        {SIGABRT, DECODER_ENDED, DECODER_CRASH},
    };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        assert_int_equal(zygote_outcome(signals[i].signal_number, signals[i].killed_by_us), signals[i].outcome);
    }
    assert_int_equal(zygote_outcome(exited(0), DECODER_ENDED), DECODER_ENDED);
    assert_int_equal(zygote_outcome(exited(0), DECODER_OUT_OF_TIME), DECODER_ENDED);
    assert_int_equal(zygote_outcome(exited(MEMORY_LIMIT_EXIT), DECODER_ENDED), DECODER_OUT_OF_MEMORY);
    assert_int_equal(zygote_outcome(exited(JOB_NOT_CONFINED_EXIT), DECODER_ENDED), DECODER_NOT_RUN);
    assert_int_equal(zygote_outcome(exited(1), DECODER_ENDED), DECODER_CRASH);
}

/* Another version's request is answered, not obeyed; a late cancel is overlooked; the socket's end is the end. */
static void answers_what_it_does_not_understand(void **state) {
    (void)state;
    int ends[2];
    struct decoder_request request = {.version = DECODER_PROTOCOL_VERSION + 1, .max_frames = 1};
    struct decoder_end end = {.outcome = DECODER_OUTCOME_COUNT};
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        _exit(zygote_serve(ends[1]) ? 0 : 1);
    }
    close(ends[1]);
    assert_true(decoder_send(ends[0], "c", 1, NULL, 0));
    assert_true(decoder_send(ends[0], &request, sizeof request, (const int[]){0, 1}, 2));
    assert_int_equal(decoder_receive(ends[0], &end, sizeof end, NULL, 0), sizeof end);
    assert_int_equal(end.outcome, DECODER_NOT_RUN);
    request.version = DECODER_PROTOCOL_VERSION; /* but without descriptors */
    assert_true(decoder_send(ends[0], &request, sizeof request, NULL, 0));
    assert_int_equal(decoder_receive(ends[0], &end, sizeof end, NULL, 0), sizeof end);
    assert_int_equal(end.outcome, DECODER_NOT_RUN);
    close(ends[0]);
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_has_a_meaning),
        cmocka_unit_test(answers_what_it_does_not_understand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
