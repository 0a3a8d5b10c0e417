/* A worker: takes events, claims jobs, runs them, settles them, and waits when there is nothing to do. */
#ifndef SLUICE_PROCESSOR_WORKER_H
#define SLUICE_PROCESSOR_WORKER_H

#include "processor/role.h"

int worker_run(const struct role_context *context);

#endif
