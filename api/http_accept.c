/* accept(2) for the HTTP server, which calls it without a look at why it failed: at the limit of descriptors the
 * connection stays at the door, the listening socket stays readable, and its thread would take a whole core until one is
 * free. The library has no hook before this call, but calls a function that the program has before that of libc. */
#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
    PAUSE_MS = 50,
    SAID_EVERY_US = 10 * 1000 * 1000,
};

/* Only one thread accepts. */
static void wait_for_resources(int reason) {
    static int64_t said_us;
    int64_t now_us = clock_monotonic_us();
    if (said_us == 0 || now_us - said_us >= SAID_EVERY_US) {
        said_us = now_us;
        log_error("cannot_accept", log_text("message", strerrordesc_np(reason)));
    }
    clock_sleep_ms(PAUSE_MS);
}

/* Under the name that libraries call. */
int accept_or_pause(int listener, struct sockaddr *ret_peer, socklen_t *size) __asm__("accept");

int accept_or_pause(int listener, struct sockaddr *ret_peer, socklen_t *size) {
    int connection = accept4(listener, ret_peer, size, SOCK_CLOEXEC);
    int reason = errno;
    if (connection < 0 && (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM)) {
        wait_for_resources(reason);
        errno = reason;
    }
    return connection;
}
