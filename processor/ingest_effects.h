/* What events do to the database: arrivals, removals that the store confirms, and events nobody can use. */
#ifndef SLUICE_PROCESSOR_INGEST_EFFECTS_H
#define SLUICE_PROCESSOR_INGEST_EFFECTS_H

#include "processor/ingest_batch.h"
#include "processor/steps.h"

enum ingest_result {
    INGEST_COUNTED, /* made a record UPLOADED, or SYNCING with a job for this worker */
    INGEST_KNOWN,   /* the record was past that: a duplicate */
    INGEST_REMOVED, /* the object is gone, and so is now the record */
    INGEST_KEPT,    /* a removal that changed nothing: no record, or the object is there */
    INGEST_IGNORED, /* wake-ups and events of no interest */
    INGEST_LATE,    /* reports an object that was deleted meanwhile, with its file */
    INGEST_DEAD,    /* kept in dead_events */
    INGEST_RESULT_COUNT,
};
extern const char *const ingest_result_names[INGEST_RESULT_COUNT];

struct ingest_effects {
    struct db *db;
    struct step_tools *tools;
    const char *bucket;
    const struct file_claim *claim; /* what the worker has room for; NULL: nothing */
    struct file_jobs *jobs;         /* where jobs that were claimed are added, also when the rest fails */
};

/* Applies the elements, each any number of times with the same effect. False when a dependency is down: try again. An
 * element that the database refuses goes to dead_events and holds up no other. */
bool ingest_effects_apply(struct ingest_effects *effects, const struct redis_elements *elements, size_t *ret_counted,
                          struct error *err) MUST_CHECK;

#endif
