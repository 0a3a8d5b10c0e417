/* The child that sends webhooks: takes announcements from the outbox, and tells each endpoint that asked for them. However many
 * receivers are slow or dead, the others do not wait for them. */
#ifndef SLUICE_PROCESSOR_WEBHOOK_SENDER_H
#define SLUICE_PROCESSOR_WEBHOOK_SENDER_H

#include "processor/role.h"

/* A role's run. */
int webhook_sender_run(const struct role_context *context);

/* Names the results for the metrics; before any fork. */
void webhook_sender_label_metrics(void);

#endif
