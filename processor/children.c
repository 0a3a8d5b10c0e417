#include "processor/children.h"

#include "common/clock.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "processor/crash_point.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
    CHILDREN_MAX = 512,
    QUICK_DEATH_MS = 5000, /* one that lived longer is replaced at once */
    FIRST_DELAY_MS = 100,
    LONGEST_DELAY_MS = 5000,
};

struct child {
    const struct role *role;
    size_t number;       /* among those of its role */
    unsigned generation; /* in its name: nobody may keep or lose leases for a predecessor */
    char name[CHILD_NAME_SIZE];
    pid_t pid; /* 0: does not run */
    int64_t started_ms;
    int64_t start_at_ms; /* not before; INT64_MAX: no more */
    unsigned quick_deaths;
    bool is_stopped; /* by SIGSTOP: it cannot work, so it must not keep its leases */
};

struct children {
    const struct config *config;
    char *prefix;
    struct child items[CHILDREN_MAX];
    size_t count;
    struct activity *activities; /* of each child, in memory shared with it */
    bool is_stopping;
};

struct children *children_new(const struct config *config, const char *prefix) {
    struct children *children = xcalloc(1, sizeof *children);
    children->config = config;
    children->prefix = xstrdup(prefix);
    void *shared =
        mmap(NULL, CHILDREN_MAX * sizeof(struct activity), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        abort(); /* as xalloc does when there is no memory */
    }
    children->activities = shared;
    return children;
}

void children_free(struct children *children) {
    if (children != NULL) {
        munmap(children->activities, CHILDREN_MAX * sizeof(struct activity));
        free(children->prefix);
        free(children);
    }
}

void children_add(struct children *children, const struct role *role, size_t count) {
    for (size_t i = 0; i < count && children->count < CHILDREN_MAX; i++) {
        children->items[children->count++] = (struct child){.role = role, .number = i};
    }
}

/* What every child does first: it leaves behind what the supervisor has open, and ends with it. A worker that is asked to
 * stop this way still finishes and settles its job. */
static void become_child(pid_t supervisor) {
    close_range(3, ~0U, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    daemon_catch_stop();
    signal(SIGCHLD, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getppid() != supervisor) {
        exit(EXIT_FAILURE);
    }
}

static void fork_child(struct children *children, struct child *child, int64_t now_ms) {
    struct activity *activity = &children->activities[child - children->items];
    activity_end(activity);
    child->generation++;
    snprintf(child->name, sizeof child->name, "%s-%s%zu.%u", children->prefix, child->role->name, child->number,
             child->generation);
    pid_t supervisor = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_child(supervisor);
        const struct role_context context = {children->config, child->name, activity};
        exit(child->role->run(&context));
    }
    if (pid < 0) {
        log_error("fork_failed", log_text("message", strerror(errno)));
        child->start_at_ms = now_ms + LONGEST_DELAY_MS;
        return;
    }
    child->pid = pid;
    child->started_ms = now_ms;
    child->is_stopped = false;
    log_info("child_started", log_text("child", child->name), log_int("child_pid", pid));
}

void children_start(struct children *children, int64_t now_ms) {
    for (size_t i = 0; i < children->count && !children->is_stopping; i++) {
        if (children->items[i].pid == 0 && children->items[i].start_at_ms <= now_ms) {
            fork_child(children, &children->items[i], now_ms);
        }
    }
}

int64_t children_next_start_ms(const struct children *children) {
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < children->count && !children->is_stopping; i++) {
        if (children->items[i].pid == 0 && children->items[i].start_at_ms < next_ms) {
            next_ms = children->items[i].start_at_ms;
        }
    }
    return next_ms;
}

int64_t children_restart_delay_ms(unsigned quick_deaths) {
    if (quick_deaths == 0) {
        return 0;
    }
    unsigned doublings = quick_deaths < 8 ? quick_deaths - 1 : 7;
    int64_t delay_ms = (int64_t)FIRST_DELAY_MS << doublings;
    return delay_ms < LONGEST_DELAY_MS ? delay_ms : LONGEST_DELAY_MS;
}

static struct child *child_with_pid(struct children *children, pid_t pid) {
    for (size_t i = 0; i < children->count; i++) {
        if (children->items[i].pid == pid) {
            return &children->items[i];
        }
    }
    return NULL;
}

static void child_ended(struct children *children, struct child *child, int status, int64_t now_ms,
                        struct child_end *ret_end) {
    bool was_quick = now_ms - child->started_ms < QUICK_DEATH_MS;
    child->quick_deaths = was_quick ? child->quick_deaths + 1 : 0;
    child->start_at_ms = now_ms + children_restart_delay_ms(child->quick_deaths);
    *ret_end = (struct child_end){
        .name = child->name,
        .role = child->role,
        .pid = child->pid,
        .status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
        .is_lone = !children->is_stopping,
    };
    child->pid = 0;
    crash_points_disarm();
}

bool children_reap(struct children *children, int64_t now_ms, struct child_end *ret_end) {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0;) {
        struct child *child = child_with_pid(children, pid);
        if (child == NULL) {
            continue;
        }
        if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
            child->is_stopped = WIFSTOPPED(status);
            log_warn(child->is_stopped ? "child_stopped" : "child_continued", log_text("child", child->name));
            continue;
        }
        child_ended(children, child, status, now_ms, ret_end);
        return true;
    }
    return false;
}

void children_kill_overdue(struct children *children, int64_t now_ms) {
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->items[i];
        if (child->pid != 0 && activity_is_overdue(&children->activities[i], now_ms)) {
            log_error("child_overdue", log_text("child", child->name), log_int("child_pid", child->pid));
            kill(child->pid, SIGKILL);
            activity_end(&children->activities[i]);
        }
    }
}

static void signal_all(const struct children *children, int signal_number) {
    for (size_t i = 0; i < children->count; i++) {
        if (children->items[i].pid != 0) {
            kill(children->items[i].pid, signal_number);
        }
    }
}

void children_ask_to_stop(struct children *children) {
    children->is_stopping = true;
    signal_all(children, SIGTERM);
}

void children_kill(struct children *children) {
    signal_all(children, SIGKILL);
}

size_t children_running(const struct children *children) {
    size_t running = 0;
    for (size_t i = 0; i < children->count; i++) {
        running += children->items[i].pid != 0;
    }
    return running;
}

size_t children_workers_running(const struct children *children) {
    size_t running = 0;
    for (size_t i = 0; i < children->count; i++) {
        running += children->items[i].pid != 0 && children->items[i].role->has_jobs;
    }
    return running;
}

size_t children_healthy_workers(const struct children *children, int64_t now_ms, const char **ret_names,
                                size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < children->count && count < capacity; i++) {
        const struct child *child = &children->items[i];
        if (child->pid != 0 && child->role->has_jobs && !child->is_stopped &&
            !activity_is_overdue(&children->activities[i], now_ms)) {
            ret_names[count++] = child->name;
        }
    }
    return count;
}
