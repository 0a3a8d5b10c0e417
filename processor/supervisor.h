/* The processor's parent process: keeps its children running and their leases in order until a stop is asked for. */
#ifndef SLUICE_PROCESSOR_SUPERVISOR_H
#define SLUICE_PROCESSOR_SUPERVISOR_H

#include "common/config.h"

/* Runs until SIGTERM or SIGINT and drains: returns when every child has ended. False, with ERROR_CONFIG, when an address in
 * the settings is malformed. Call it in a process without threads and connections. */
bool supervisor_run(const struct config *config, struct error *err) MUST_CHECK;

#endif
