/* The supervisor's children: one table row a child, forked, watched, ended and replaced. Single-threaded; the caller blocks
 * SIGCHLD, SIGTERM and SIGINT and waits for them. */
#ifndef SLUICE_PROCESSOR_CHILDREN_H
#define SLUICE_PROCESSOR_CHILDREN_H

#include "processor/role.h"

#include <sys/types.h>

enum { CHILD_NAME_SIZE = 128 };

struct child_end {
    const char *name;
    const struct role *role;
    pid_t pid;
    int status;   /* exit status, or -signal */
    bool is_lone; /* it died without being asked to */
};

struct children;

/* `prefix` begins every child's name, and must be unlike that of every other supervisor. */
struct children *children_new(const struct config *config, const char *prefix);
void children_free(struct children *children);
DEFINE_CLEANUP(struct children *, children)

/* Before the first start. */
void children_add(struct children *children, const struct role *role, size_t count);

/* Forks those that should run and do not, unless one died moments ago. In the children this does not return. */
void children_start(struct children *children, int64_t now_ms);

/* When children_start has something to do next; INT64_MAX: nothing. */
int64_t children_next_start_ms(const struct children *children);

/* Notices a child that ended, stopped (SIGSTOP) or goes on; true when one ended. Call until false. */
bool children_reap(struct children *children, int64_t now_ms, struct child_end *ret_end);

/* kill -9 of children that do one thing for longer than it may take. */
void children_kill_overdue(struct children *children, int64_t now_ms);

/* From now on an end is no surprise, and nobody is replaced. */
void children_ask_to_stop(struct children *children);
void children_kill(struct children *children);

size_t children_running(const struct children *children);
size_t children_workers_running(const struct children *children);

/* Names of the children whose jobs are in good hands: running, not stopped, not overdue. Valid until the next start. */
size_t children_healthy_workers(const struct children *children, int64_t now_ms, const char **ret_names,
                                size_t capacity);

/* Pure: the pause before a child is replaced, after so many that died in their first seconds. */
int64_t children_restart_delay_ms(unsigned quick_deaths);

#endif
