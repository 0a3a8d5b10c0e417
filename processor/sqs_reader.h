/* The child that reads the SQS queue: a long poll blocks for up to 20 s, which no worker may. It gives what it reads its effect by
 * itself, and wakes a worker for the jobs. */
#ifndef SLUICE_PROCESSOR_SQS_READER_H
#define SLUICE_PROCESSOR_SQS_READER_H

#include "processor/role.h"

/* A struct role's run. */
int sqs_reader_run(const struct role_context *context);

#endif
