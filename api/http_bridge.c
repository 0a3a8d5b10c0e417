#include "api/http_bridge.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { PIECE = 16384 };

int http_bridge_open(int *ret_here) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return -1;
    }
    *ret_here = ends[0];
    return ends[1];
}

/* False once there is nobody to pass anything on to. */
static bool wait_for_bytes(int here, int client) {
    struct pollfd sockets[] = {{.fd = here, .events = POLLIN}, {.fd = client, .events = POLLRDHUP}};
    while (poll(sockets, 2, -1) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return sockets[1].revents == 0;
}

void http_bridge_run(int here, int client, bool (*write)(void *context, const void *bytes, size_t length),
                     void *context) {
    char piece[PIECE];
    while (wait_for_bytes(here, client)) {
        ssize_t length = recv(here, piece, sizeof piece, MSG_DONTWAIT);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (length <= 0 || !write(context, piece, (size_t)length)) {
            return;
        }
    }
}
