/* What a child process of the supervisor is for. */
#ifndef SLUICE_PROCESSOR_ROLE_H
#define SLUICE_PROCESSOR_ROLE_H

#include "common/config.h"
#include "processor/activity.h"

struct role_context {
    const struct config *config;
    const char *name;          /* of this child, in queue rows and Redis: never used by another one */
    struct activity *activity; /* shared with the supervisor */
};

struct role {
    const char *name;
    bool has_jobs;                                  /* holds leases and an own event list */
    int (*run)(const struct role_context *context); /* ends when daemon_stopping(); returns the exit status */
};

#endif
