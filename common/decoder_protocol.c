#include "common/decoder_protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { DESCRIPTORS_MAX = 4 };

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
};

bool decoder_send(int socket_fd, const void *message, size_t size, const int *descriptors, size_t count) {
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = size};
    union control control = {0};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > DESCRIPTORS_MAX) {
        errno = EINVAL;
        return false;
    }
    if (count > 0) {
        head.msg_control = &control;
        head.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *attached = CMSG_FIRSTHDR(&head);
        attached->cmsg_level = SOL_SOCKET;
        attached->cmsg_type = SCM_RIGHTS;
        attached->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(attached), descriptors, count * sizeof(int));
    }
    ssize_t sent = -1;
    do {
        sent = sendmsg(socket_fd, &head, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

/* Collects what came beside a message; false, with nothing kept, when it is more than expected. */
static bool take_descriptors(struct msghdr *head, int *ret_descriptors, size_t count) {
    size_t taken = 0;
    bool is_expected = (head->msg_flags & MSG_CTRUNC) == 0;
    for (struct cmsghdr *attached = CMSG_FIRSTHDR(head); attached != NULL; attached = CMSG_NXTHDR(head, attached)) {
        if (attached->cmsg_level != SOL_SOCKET || attached->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t arrived = (attached->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int descriptor = -1;
            memcpy(&descriptor, CMSG_DATA(attached) + i * sizeof(int), sizeof(int));
            if (taken < count) {
                ret_descriptors[taken++] = descriptor;
            } else {
                close(descriptor);
                is_expected = false;
            }
        }
    }
    for (size_t i = 0; i < taken && !is_expected; i++) {
        close(ret_descriptors[i]);
        ret_descriptors[i] = -1;
    }
    return is_expected;
}

ssize_t decoder_receive(int socket_fd, void *ret_message, size_t size, int *ret_descriptors, size_t count) {
    struct iovec part = {.iov_base = ret_message, .iov_len = size};
    union control control = {0};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    for (size_t i = 0; i < count; i++) {
        ret_descriptors[i] = -1;
    }
    ssize_t length = -1;
    do {
        length = recvmsg(socket_fd, &head, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        return -1;
    }
    bool is_whole = (head.msg_flags & MSG_TRUNC) == 0;
    if (!take_descriptors(&head, ret_descriptors, count) || !is_whole) {
        for (size_t i = 0; i < count; i++) {
            closep(&ret_descriptors[i]);
            ret_descriptors[i] = -1;
        }
        errno = EPROTO;
        return -1;
    }
    return length;
}
