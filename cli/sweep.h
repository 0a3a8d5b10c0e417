/* What `sluice sweep` does at once, and in full, and a processor bit by bit: PENDING files are looked up in the store,
 * multipart uploads that nobody will complete are aborted, the bucket is compared with the records, objects without one
 * are removed. It may run beside processors and other sweeps: what is changed is changed under their lock, a page at a
 * time. */
#ifndef SLUICE_CLI_SWEEP_H
#define SLUICE_CLI_SWEEP_H

#include "common/config.h"
#include "common/db.h"
#include "common/s3_client.h"

struct sweep {
    const struct config *config;
    struct db *db;
    struct s3_client *store;
    bool dry_run; /* nothing is changed */
    bool force;   /* remove orphans however many they are */
    int64_t orphan_age_s;
    int64_t lock_timeout_ms;
    /* Counted: */
    size_t found, expired, waiting, unclear, uploads, staged, changed, orphans;
};

/* Takes steps until one says that there are no more, or fails. Each has the lock for itself, but in a dry run, which changes
 * nothing, none. */
bool sweep_in_steps(struct sweep *sweep, bool (*step)(void *state, bool *ret_more, struct error *err), void *state,
                    struct error *err) MUST_CHECK;

/* Prints a line for each file that was found or has expired. */
bool sweep_pending(struct sweep *sweep, struct error *err) MUST_CHECK;

/* Prints a line for each upload. */
bool sweep_multiparts(struct sweep *sweep, struct error *err) MUST_CHECK;

/* Prints a line for each staged object that nobody needs any more. */
bool sweep_staged(struct sweep *sweep, struct error *err) MUST_CHECK;

/* Prints a line for each object that belongs to an expired file, is not the one that was verified, or, when it is older than
 * orphan_age_s, has no record. Refuses to remove the latter, unless forced, when they are so many that the database is
 * rather the wrong one. */
bool sweep_bucket(struct sweep *sweep, struct error *err) MUST_CHECK;

#endif
