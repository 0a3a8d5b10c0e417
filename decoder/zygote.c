#include "decoder/zygote.h"

#include "common/clock.h"
#include "decoder/job.h"
#include "decoder/memory_limit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a request brings along. */
struct descriptors {
    int items[DECODER_REQUEST_FDS]; /* the picture, the channel */
};

static void descriptors_close(struct descriptors *descriptors) {
    for (size_t i = 0; i < DECODER_REQUEST_FDS; i++) {
        closep(&descriptors->items[i]);
        descriptors->items[i] = -1;
    }
}

enum decoder_outcome zygote_outcome(int wait_status, enum decoder_outcome killed_by_us) {
    if (WIFEXITED(wait_status)) {
        switch (WEXITSTATUS(wait_status)) {
        case EXIT_SUCCESS:
            return DECODER_ENDED;
        case MEMORY_LIMIT_EXIT:
            return DECODER_OUT_OF_MEMORY;
        case JOB_NOT_CONFINED_EXIT:
            return DECODER_NOT_RUN;
        default:
            return DECODER_CRASH;
        }
    }
    switch (WTERMSIG(wait_status)) {
    case SIGSYS:
        return DECODER_BLOCKED_CALL;
    case SIGXCPU:
        return DECODER_OUT_OF_TIME;
    case SIGXFSZ: /* its output is memory */
        return DECODER_OUT_OF_MEMORY;
    case SIGKILL: /* not ours: the kernel's, for want of memory */
        return killed_by_us != DECODER_ENDED ? killed_by_us : DECODER_OUT_OF_MEMORY;
    default:
        return DECODER_CRASH;
    }
}

/* Waits for the child's end; by when, or at whose word, it was killed instead. *ret_orphaned: the worker is gone. */
static enum decoder_outcome watch(int control_fd, int child_fd, int64_t deadline_ms, bool *ret_orphaned) {
    enum decoder_outcome reason = DECODER_ENDED;
    struct pollfd watched[] = {{.fd = child_fd, .events = POLLIN}, {.fd = control_fd, .events = POLLIN}};
    for (;;) {
        int64_t left_ms = reason == DECODER_ENDED ? deadline_ms - clock_monotonic_ms() : INT32_MAX;
        int ready = poll(watched, reason == DECODER_ENDED ? 2 : 1, (int)(left_ms > 0 ? left_ms : 0));
        if (ready < 0 && errno != EINTR) {
            reason = DECODER_CRASH;
        } else if ((watched[0].revents & POLLIN) != 0) {
            return reason;
        } else if (ready == 0) {
            reason = DECODER_OUT_OF_TIME;
        } else if (watched[1].revents != 0) {
            char word = 0;
            *ret_orphaned = decoder_receive(control_fd, &word, sizeof word, NULL, 0) <= 0;
            reason = DECODER_CANCELLED;
        }
        if (reason != DECODER_ENDED) {
            syscall(SYS_pidfd_send_signal, child_fd, SIGKILL, NULL, 0);
        }
    }
}

/* What the child does before anything else: it ends with its parent. */
static void end_with(pid_t zygote) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != zygote) {
        _exit(EXIT_FAILURE);
    }
}

static struct decoder_end run_child(int control_fd, const struct decoder_request *request,
                                    struct descriptors *descriptors, bool *ret_orphaned) {
    struct decoder_end end = {.outcome = DECODER_NOT_RUN};
    struct rusage usage;
    int status = 0;
    pid_t zygote = getpid();
    pid_t child = fork();
    if (child == 0) {
        end_with(zygote);
        job_run(request, descriptors->items[0], descriptors->items[1]);
    }
    descriptors_close(descriptors); /* the channel's end must be the child's alone */
    _cleanup_(closep) int child_fd = child > 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
    if (child < 0) {
        return end;
    }
    enum decoder_outcome reason = DECODER_NOT_RUN;
    if (child_fd >= 0) {
        reason = watch(control_fd, child_fd, clock_monotonic_ms() + request->timeout_ms, ret_orphaned);
    } else {
        kill(child, SIGKILL);
    }
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    end.outcome = zygote_outcome(status, reason);
    end.signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end.peak_bytes = (int64_t)usage.ru_maxrss * 1024;
    end.cpu_us = ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
                 usage.ru_stime.tv_usec;
    return end;
}

static bool is_understood(const struct decoder_request *request, ssize_t length, const struct descriptors *with) {
    return length == (ssize_t)sizeof *request && request->version == DECODER_PROTOCOL_VERSION && with->items[0] >= 0 &&
           with->items[1] >= 0 && request->variants.count <= VARIANTS_MAX && request->max_frames > 0;
}

bool zygote_serve(int control_fd) {
    static struct decoder_request request;
    for (;;) {
        _cleanup_(descriptors_close) struct descriptors descriptors = {{-1, -1}};
        ssize_t length = decoder_receive(control_fd, &request, sizeof request, descriptors.items, DECODER_REQUEST_FDS);
        if (length <= 0) {
            return length == 0;
        }
        if (length == 1) {
            continue; /* ends a job that has ended by itself */
        }
        bool is_orphaned = false;
        struct decoder_end end = {.outcome = DECODER_NOT_RUN};
        if (is_understood(&request, length, &descriptors)) {
            end = run_child(control_fd, &request, &descriptors, &is_orphaned);
        }
        if (is_orphaned || !decoder_send(control_fd, &end, sizeof end, NULL, 0)) {
            return true;
        }
    }
}
