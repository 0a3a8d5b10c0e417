/* From the event list to UPLOADED records and jobs: events are moved to a list of the worker's own, their effects committed, and only
 * then dropped from it. Whatever stands on the own list after a failure or a lost connection is done (again) first. */
#ifndef SLUICE_PROCESSOR_INGEST_H
#define SLUICE_PROCESSOR_INGEST_H

#include "common/db.h"
#include "processor/steps.h"

struct ingest_options {
    const char *list;
    const char *worker;
    const char *bucket;
};

struct ingest;

/* Borrows the connections; copies the texts. */
struct ingest *ingest_new(const struct ingest_options *options, struct db *db, struct redis *redis,
                          struct step_tools *tools);
void ingest_free(struct ingest *ingest);
DEFINE_CLEANUP(struct ingest *, ingest)

struct ingest_tally {
    size_t taken;   /* elements, wake-ups among them */
    size_t counted; /* records that became UPLOADED or SYNCING */
};

/* Takes what is on the list, at most INGEST_MAX_EVENTS, and claims of it what `claim` has room for (NULL: nothing): those jobs
 * are added to *jobs, and have to be done also when the call fails. After a failure nothing is lost: call it again. */
enum { INGEST_MAX_EVENTS = 32 };
bool ingest_run(struct ingest *ingest, const struct file_claim *claim, struct file_jobs *jobs,
                struct ingest_tally *ret_tally, struct error *err) MUST_CHECK;

/* Waits until an element has come, which the next ingest_run then takes, or the time is over. */
bool ingest_wait(struct ingest *ingest, int64_t timeout_ms, bool *ret_came, struct error *err) MUST_CHECK;

/* Wakes another worker. */
bool ingest_wake_other(struct ingest *ingest, struct error *err) MUST_CHECK;

/* Names the results for the metrics; before any fork. */
void ingest_label_metrics(void);

#endif
