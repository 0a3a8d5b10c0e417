#include "decoder/provoke.h"

#ifdef SLUICE_CRASH_POINTS

#include "common/clock.h"
#include "common/decoder_protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TAIL_BYTES = 64, CHUNK_BYTES = 16 << 20, CHUNKS = 256, FIRST_OTHER_FD = 5, LAST_FD = 1024 };

/* Leaves no doubt that something was possible that must not be. */
static void fail(void) {
    _exit(99);
}

static void crash(int channel_fd) {
    (void)channel_fd;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would end it in another way */
    raise(SIGSEGV);
}

static void hang(int channel_fd) {
    (void)channel_fd;
    for (;;) {
        clock_sleep_ms(1000);
    }
}

static void spin(int channel_fd) {
    (void)channel_fd;
    for (volatile unsigned turns = 0;; turns++) {
    }
}

static void take_memory(int channel_fd) {
    (void)channel_fd;
    for (size_t i = 0; i < CHUNKS; i++) {
        char *chunk = malloc(CHUNK_BYTES);
        if (chunk == NULL) {
            fail(); /* the allocator was to end the process */
            return;
        }
        memset(chunk, (int)i + 1, CHUNK_BYTES); /* never freed: this is the point */
    }
    fail();
}

static void write_output(int channel_fd) {
    static const char zeros[1 << 16];
    (void)channel_fd;
    int file = memfd_create("output", 0);
    for (size_t i = 0; i < CHUNKS * (size_t)(CHUNK_BYTES / sizeof zeros); i++) {
        if (write(file, zeros, sizeof zeros) < 0) {
            break;
        }
    }
    fail();
}

static void make_socket(int channel_fd) {
    (void)channel_fd;
    (void)!socket(AF_INET, SOCK_STREAM, 0);
    fail();
}

static void start_program(int channel_fd) {
    static char *const arguments[] = {NULL};
    (void)channel_fd;
    execve("/bin/true", arguments, arguments);
    fail();
}

static void start_process(int channel_fd) {
    (void)channel_fd;
    (void)!fork();
    fail();
}

static void kill_parent(int channel_fd) {
    (void)channel_fd;
    kill(getppid(), SIGKILL);
    fail();
}

/* The only one that goes on: files cannot be opened, but trying to is no crime. */
static void open_file(int channel_fd) {
    (void)channel_fd;
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || memfd_create("x", 0) < 0) { /* NOLINT: it leaks by intent */
        fail();
    }
}

/* Looks for what it must not have: the worker's environment (libvips makes one variable of its own), descriptors, a picture that can
 * be written to. */
static void look_around(int channel_fd) {
    char byte = 0;
    if ((*environ != NULL && (strncmp(*environ, "VIPSHOME=", 9) != 0 || environ[1] != NULL)) ||
        write(channel_fd + 1, &byte, 1) >= 0) {
        fail();
    }
    for (int descriptor = FIRST_OTHER_FD; descriptor < LAST_FD; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) {
            fail();
        }
    }
}

static void say_nothing(int channel_fd) {
    (void)channel_fd;
    _exit(0);
}

static void say_too_much(int channel_fd) {
    static const struct decoder_report report = {.kind = REPORT_PICTURE,
                                                 .picture = {.type = PICTURE_TYPE_JPEG, .width = 1, .height = 1}};
    while (decoder_send(channel_fd, &report, sizeof report, NULL, 0)) {
    }
    fail();
}

static const struct {
    const char *name;
    void (*run)(int channel_fd);
} provocations[] = {
    {"crash", crash},         {"hang", hang},          {"spin", spin},          {"memory", take_memory},
    {"output", write_output}, {"socket", make_socket}, {"exec", start_program}, {"fork", start_process},
    {"kill", kill_parent},    {"open", open_file},     {"look", look_around},   {"silence", say_nothing},
    {"flood", say_too_much},
};

void provoke(int input_fd, int64_t input_size, int channel_fd) {
    static const char mark[] = "sluice-provoke:";
    char tail[TAIL_BYTES + 1] = "";
    off_t from = input_size > TAIL_BYTES ? input_size - TAIL_BYTES : 0;
    ssize_t length = pread(input_fd, tail, TAIL_BYTES, from);
    const char *asked = length > 0 ? memmem(tail, (size_t)length, mark, sizeof mark - 1) : NULL;
    for (size_t i = 0; asked != NULL && i < sizeof provocations / sizeof provocations[0]; i++) {
        if (strcmp(asked + sizeof mark - 1, provocations[i].name) == 0) {
            provocations[i].run(channel_fd);
        }
    }
}

#endif
