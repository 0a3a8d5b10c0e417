#include "decoder/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct sandbox_limits limits = {
    .memory_bytes = 256 << 20,
    .cpu_ms = 1000,
    .file_bytes = 1 << 20,
    .descriptors = 32,
};

/* What a confined process that does this ends with: its exit status, or -signal. */
static int end_of(int (*act)(void)) {
    pid_t pid = fork();
    if (pid == 0) {
        struct error err = {0};
        _exit(sandbox_enter(&limits, &err) ? act() : 100);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int do_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int do_fork(void) {
    return fork() == 0;
}

static int do_exec(void) {
    return execl("/bin/true", "true", NULL);
}

static int do_kill(void) {
    return kill(getppid(), 0);
}

static int do_ptrace(void) {
    return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int do_chmod(void) {
    return chmod("/tmp", 0700);
}

static int do_unlink(void) {
    return unlink("/tmp/nothing");
}

static int do_set_limit(void) {
    return nice(1);
}

static void what_is_not_listed_kills(void **state) {
    (void)state;
    int (*const acts[])(void) = {do_socket, do_fork, do_exec, do_kill, do_ptrace, do_chmod, do_unlink, do_set_limit};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (end_of(acts[i]) != -SIGSYS) {
            fail_msg("act %zu", i);
        }
    }
}

static int no_files(void) {
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES) {
        return 1;
    }
    struct stat status;
    return stat("/", &status) == 0 || errno != EACCES ? 2 : access("/", R_OK) == 0 ? 3 : 0;
}

static void files_are_not_there(void **state) {
    (void)state;
    assert_int_equal(end_of(no_files), 0);
}

static void *set_flag(void *flag) {
    *(int *)flag = 1;
    return NULL;
}

static int ordinary_work(void) {
    int flag = 0;
    pthread_t thread;
    int file = memfd_create("x", MFD_CLOEXEC);
    struct stat status;
    if (pthread_create(&thread, NULL, set_flag, &flag) != 0 || pthread_join(thread, NULL) != 0 || flag != 1) {
        return 1;
    }
    return file < 0 || write(file, "x", 1) != 1 || fstat(file, &status) != 0 || status.st_size != 1 ? 2 : 0;
}

static void threads_and_memory_are_there(void **state) {
    (void)state;
    assert_int_equal(end_of(ordinary_work), 0);
}

static int too_long(void) {
    for (volatile unsigned turns = 0;; turns++) {
    }
    return 0;
}

static int too_large_a_file(void) {
    int file = memfd_create("x", MFD_CLOEXEC);
    return ftruncate(file, limits.file_bytes) == 0 ? ftruncate(file, limits.file_bytes + 1) : 1;
}

static int too_many_files(void) {
    int last = 0;
    for (int i = 0; i < 40 && last >= 0; i++) {
        last = memfd_create("x", MFD_CLOEXEC);
    }
    return last < 0 && errno == EMFILE ? 0 : 1;
}

static int a_crash(void) {
    signal(SIGABRT, SIG_DFL);
    abort();
}

static void limits_hold(void **state) {
    (void)state;
    assert_int_equal(end_of(too_long), -SIGXCPU);
    assert_int_equal(end_of(too_large_a_file), -SIGXFSZ);
    assert_int_equal(end_of(too_many_files), 0);
    assert_int_equal(end_of(a_crash), -SIGABRT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_listed_kills),
        cmocka_unit_test(files_are_not_there),
        cmocka_unit_test(threads_and_memory_are_there),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
