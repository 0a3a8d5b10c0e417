/* A queue of SQS as a source of events. Messages that were received are held until their effect is committed, however long that
 * takes, and nothing more is received meanwhile: an outage of the database must not use up what a redrive policy allows. They
 * are deleted after that. What is not deleted, SQS gives again, here or elsewhere, and has no further effect. */
#ifndef SLUICE_PROCESSOR_INGEST_SQS_H
#define SLUICE_PROCESSOR_INGEST_SQS_H

#include "common/sqs_client.h"
#include "processor/ingest_source.h"

struct ingest_sqs;

/* Borrows the client. */
struct ingest_sqs *ingest_sqs_new(struct sqs_client *client, int64_t visibility_s);
void ingest_sqs_free(struct ingest_sqs *sqs);
DEFINE_CLEANUP(struct ingest_sqs *, ingest_sqs)

/* `take` waits as long as the client does. */
struct ingest_source ingest_sqs_source(struct ingest_sqs *sqs);

/* Names the results for the metrics; before any fork. */
void ingest_sqs_label_metrics(void);

#endif
