/* The child that tags pictures: takes what is to be tagged from the database, sends each picture's display version to the
 * machine-learning service, and writes tags and vector. Whatever the service does, no upload waits for it. */
#ifndef SLUICE_PROCESSOR_TAGGER_H
#define SLUICE_PROCESSOR_TAGGER_H

#include "processor/role.h"

/* ERROR_CONFIG when one of SLUICE_ML_URL, SLUICE_ML_LABELS and SLUICE_ML_PROMPT is malformed. Connects to nothing. */
bool tagger_check(const struct config *config, struct error *err) MUST_CHECK;

/* A role's run. */
int tagger_run(const struct role_context *context);

/* Names the results for the metrics; before any fork. */
void tagger_label_metrics(void);

#endif
