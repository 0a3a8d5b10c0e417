#include "api/http_deadline.h"

#include "common/xalloc.h"

#include <signal.h>
#include <time.h>

enum { REPEAT_MS = 100 };

struct http_deadline {
    timer_t timer;
};

static void wake(int signal_number) {
    (void)signal_number; /* only here so that the system call returns */
}

struct http_deadline *http_deadline_new(void) {
    struct sigaction action = {.sa_handler = wake};
    sigaction(SIGUSR1, &action, NULL);
    struct http_deadline *deadline = xcalloc(1, sizeof *deadline);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    event._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &deadline->timer) != 0) {
        free(deadline);
        return NULL;
    }
    return deadline;
}

void http_deadline_free(struct http_deadline *deadline) {
    if (deadline != NULL) {
        timer_delete(deadline->timer);
        free(deadline);
    }
}

void http_deadline_set(struct http_deadline *deadline, int64_t after_ms) {
    if (deadline != NULL) {
        int64_t ms = after_ms > 0 ? after_ms : 1;
        struct itimerspec when = {
            .it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000},
            .it_interval = {.tv_nsec = REPEAT_MS * 1000000L},
        };
        timer_settime(deadline->timer, 0, &when, NULL);
    }
}

void http_deadline_clear(struct http_deadline *deadline) {
    if (deadline != NULL) {
        struct itimerspec never = {0};
        timer_settime(deadline->timer, 0, &never, NULL);
    }
}
