/* Runs a role, or a supervisor, in a process of its own until it is asked to stop. */
#ifndef SLUICE_TESTS_UNIT_PROCESSOR_RUN_ALONE_H
#define SLUICE_TESTS_UNIT_PROCESSOR_RUN_ALONE_H

#include "common/clock.h"
#include "common/daemon.h"
#include "processor/role.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static inline struct activity *shared_activity(void) {
    return mmap(NULL, sizeof(struct activity), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static inline pid_t run_role(int (*run)(const struct role_context *context), const struct role_context *context) {
    pid_t pid = fork();
    if (pid == 0) {
        daemon_catch_stop();
        _exit(run(context));
    }
    return pid;
}

/* Asks it to stop; its exit status, or -signal. */
static inline int stop_alone(pid_t pid) {
    int status = 0;
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif
