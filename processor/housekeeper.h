/* The child that sweeps, audits, purges and answers /metrics and /healthz. */
#ifndef SLUICE_PROCESSOR_HOUSEKEEPER_H
#define SLUICE_PROCESSOR_HOUSEKEEPER_H

#include "processor/role.h"

int housekeeper_run(const struct role_context *context);

#endif
