#include "common/decoder_protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static int open_pair(void **state) {
    static int ends[2];
    *state = ends;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int close_pair(void **state) {
    const int *ends = *state;
    closep(&ends[0]);
    closep(&ends[1]);
    return 0;
}

static int lowest_free(void) {
    int descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(descriptor);
    return descriptor;
}

static void messages_stay_apart_and_bring_descriptors(void **state) {
    int *ends = *state;
    char text[16] = "";
    int descriptors[2] = {7, 7};
    assert_true(decoder_send(ends[0], "one", 3, (const int[]){ends[0]}, 1));
    assert_true(decoder_send(ends[0], "three", 5, NULL, 0));
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, descriptors, 2), 3);
    assert_memory_equal(text, "one", 3);
    assert_true(descriptors[0] > ends[1]);
    assert_int_equal(fcntl(descriptors[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(descriptors[1], -1);
    close(descriptors[0]);
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, descriptors, 2), 5);
    assert_int_equal(descriptors[0], -1);
    close(ends[0]);
    ends[0] = -1;
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, NULL, 0), 0);
    assert_false(decoder_send(ends[1], "x", 1, NULL, 0));
}

static void what_is_too_much_is_refused_and_closed(void **state) {
    const int *ends = *state;
    char text[4];
    int descriptors[1];
    int free_before = lowest_free();
    assert_true(decoder_send(ends[0], "one", 3, (const int[]){0, 1}, 2));
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, descriptors, 1), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(descriptors[0], -1);
    assert_true(decoder_send(ends[0], "one", 3, (const int[]){0}, 1));
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, NULL, 0), -1);
    assert_true(decoder_send(ends[0], "too long", 8, (const int[]){0}, 1));
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, descriptors, 1), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(lowest_free(), free_before);
    assert_false(decoder_send(ends[0], "one", 3, (const int[]){0, 1, 2, 0, 1}, 5));
}

/* As many as the kernel lets a hostile sender attach. */
static void many_descriptors_are_closed(void **state) {
    const int *ends = *state;
    enum { MANY = 200 };
    int free_before = lowest_free();
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(MANY * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = "x", .iov_len = 1};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *attached = CMSG_FIRSTHDR(&head);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(MANY * sizeof(int));
    memset(CMSG_DATA(attached), 0, MANY * sizeof(int));
    assert_int_equal(sendmsg(ends[0], &head, 0), 1);
    char text[4];
    int descriptor = 7;
    assert_int_equal(decoder_receive(ends[1], text, sizeof text, &descriptor, 1), -1);
    assert_int_equal(errno, EPROTO);
    assert_int_equal(descriptor, -1);
    assert_int_equal(lowest_free(), free_before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_stay_apart_and_bring_descriptors, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(what_is_too_much_is_refused_and_closed, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(many_descriptors_are_closed, open_pair, close_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
