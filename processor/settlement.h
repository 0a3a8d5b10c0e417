/* Outcomes that wait to be written together, since the commit is what a small file costs most. */
#ifndef SLUICE_PROCESSOR_SETTLEMENT_H
#define SLUICE_PROCESSOR_SETTLEMENT_H

#include "processor/pipeline.h"

enum { SETTLEMENT_MAX = 32, SETTLEMENT_HOLD_MS = 100 };

struct settlement {
    struct db *db;
    struct step_tools *tools;
    struct dependency *database;
    bool tags_pictures; /* there is a service for it: what is SYNCED is queued for the tagger */
    struct job_result results[SETTLEMENT_MAX];
    size_t count;
    int64_t oldest_ms; /* when the first of them was added (monotonic) */
    bool has_dropped;  /* an outcome was given up: its job is still claimed */
};

/* Where the next result goes; settlement_added then counts it. */
struct job_result *settlement_next(struct settlement *settlement);
void settlement_added(struct settlement *settlement, int64_t now_ms);

/* Pure: whether finished jobs should not wait for one more of this size (-1: not known). */
bool settlement_is_due(const struct settlement *settlement, int64_t now_ms, int64_t next_size);

/* Pure: whether an asset would have to wait for one that is finished and not written yet. */
bool settlement_has_content_of(const struct settlement *settlement, const struct file_job *job);

/* One attempt to write what waits. False: nothing was written, try again. An outcome that the database refuses on its own is
 * dropped, so that it holds up no other. */
bool settlement_write(struct settlement *settlement, struct error *err) MUST_CHECK;

/* Names the results for the metrics; before any fork. */
void settlement_label_metrics(void);

#endif
