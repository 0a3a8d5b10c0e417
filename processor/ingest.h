/* From raw events to UPLOADED records and jobs: events are taken from their source, their effects committed, and only then are they
 * settled with the source. Whatever was taken and not settled is done (again) first. */
#ifndef SLUICE_PROCESSOR_INGEST_H
#define SLUICE_PROCESSOR_INGEST_H

#include "common/db.h"
#include "processor/ingest_source.h"
#include "processor/steps.h"

struct ingest;

/* Borrows source, connection and tools; copies the bucket's name. */
struct ingest *ingest_new(const struct ingest_source *source, const char *bucket, struct db *db,
                          struct step_tools *tools);
void ingest_free(struct ingest *ingest);
DEFINE_CLEANUP(struct ingest *, ingest)

struct ingest_tally {
    size_t taken;   /* elements, wake-ups among them */
    size_t counted; /* records that became UPLOADED or SYNCING */
};

/* Takes what the source has, at most INGEST_MAX_EVENTS, and claims of it what `claim` has room for (NULL: nothing): those jobs
 * are added to *jobs, and have to be done also when the call fails. After a failure nothing is lost: call it again. */
bool ingest_run(struct ingest *ingest, const struct file_claim *claim, struct file_jobs *jobs,
                struct ingest_tally *ret_tally, struct error *err) MUST_CHECK;

/* Names the results for the metrics; before any fork. */
void ingest_label_metrics(void);

#endif
