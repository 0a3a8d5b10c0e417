/* Metrics that only Postgres, Redis, the store or the disk can tell: how much waits, and whether each of them answers. */
#ifndef SLUICE_PROCESSOR_GAUGES_H
#define SLUICE_PROCESSOR_GAUGES_H

#include "common/config.h"
#include "processor/connections.h"

/* Names the dependencies; call it before any fork. */
void gauges_label_metrics(void);

/* Looks at everything once and sets the gauges; of what does not answer they keep their values. */
void gauges_measure(const struct config *config, const struct connections *connections);

/* A sweep is done. */
void gauges_sweep_completed(void);

#endif
