#include "processor/decoder_process.h"

#include "common/decoder_protocol.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { NOT_EXECUTED_EXIT = 127 };

/* What libraries say of hostile pictures is no business of the log; of tests it is. */
#ifdef SLUICE_CRASH_POINTS
enum { LAST_SILENT_FD = STDOUT_FILENO };
#else
enum { LAST_SILENT_FD = STDERR_FILENO };
#endif

/* Between fork and exec: only what is safe there. */
static void become_decoder(const char *program, pid_t worker, int control_fd) {
    static char name[] = "sluice-decoder";
    char *const arguments[] = {name, NULL};
    char *const no_environment[] = {NULL};
    sigset_t none;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = STDIN_FILENO; standard <= LAST_SILENT_FD; standard++) {
        if (dup2(nothing, standard) < 0) {
            _exit(NOT_EXECUTED_EXIT);
        }
    }
    /* dup2 to itself would leave it to be closed by exec */
    int moved = fcntl(control_fd, F_DUPFD_CLOEXEC, DECODER_CONTROL_FD + 1);
    if (moved < 0 || dup2(moved, DECODER_CONTROL_FD) < 0 || close_range(DECODER_CONTROL_FD + 1, ~0U, 0) != 0) {
        _exit(NOT_EXECUTED_EXIT);
    }
    signal(SIGPIPE, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == worker) {
        execve(program, arguments, no_environment);
    }
    _exit(NOT_EXECUTED_EXIT);
}

bool decoder_process_start(struct decoder_process *process, const char *program, struct error *err) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return error_set(err, ERROR_INTERNAL, "no socket for the decoder: %s", strerror(errno));
    }
    pid_t worker = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_decoder(program, worker, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return error_set(err, ERROR_INTERNAL, "the decoder cannot be forked: %s", strerror(errno));
    }
    *process = (struct decoder_process){pid, ends[0]};
    return true;
}

void decoder_process_stop(struct decoder_process *process) {
    if (process->pid <= 0) {
        return;
    }
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(process->control_fd);
    *process = (struct decoder_process){0, -1};
}
