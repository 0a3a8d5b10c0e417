/* sluice-decoder: decodes pictures for one worker of sluice-processor, each in a confined process of its own.
 *
 * It is started by the worker, with an empty environment and one socket; there is nothing to set and nothing to call by hand.
 */
#include "decoder/vips_picture.h"
#include "decoder/zygote.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

enum { NOT_A_SOCKET_EXIT = 2 };

#ifdef __SANITIZE_ADDRESS__
/* There is no environment to take them from. No symbols: a confined process cannot start the program that looks them up. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "abort_on_error=1:halt_on_error=1:disable_coredump=1:detect_leaks=0:symbolize=0";
}
#endif

static bool is_socket(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* A stop is the worker's to announce, by closing the socket: it finishes its job first. */
static void ignore_stops(void) {
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

int main(int argc, char **argv) {
    struct error err = {0};
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("sluice-decoder %s\n", SLUICE_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc != 1 || !is_socket(DECODER_CONTROL_FD)) {
        fputs("sluice-decoder: is started by sluice-processor, for its pictures; there is nothing to do by hand\n",
              argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_SUCCESS : NOT_A_SOCKET_EXIT;
    }
    ignore_stops();
    if (!vips_picture_start(argv[0], &err)) {
        fprintf(stderr, "sluice-decoder: %s\n", err.message);
        return EXIT_FAILURE;
    }
    return zygote_serve(DECODER_CONTROL_FD) ? EXIT_SUCCESS : EXIT_FAILURE;
}
