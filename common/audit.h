/* Compares the whole bucket with the records, bit by bit: what no event and no sweep of PENDING files can find.
 *
 * - An object whose file has EXPIRED has arrived after all, and nobody reported it.
 * - An object of a SYNCED file with another etag than was verified was replaced: the file is marked (file_mark.h).
 * - An object under a pattern of media whose album, user or generation there is gets its record (media_store.h).
 * - An object without a record, old enough, is an orphan, and so is a variant of a file that does not have it.
 */
#ifndef SLUICE_COMMON_AUDIT_H
#define SLUICE_COMMON_AUDIT_H

#include "common/db.h"
#include "common/s3_client.h"

struct audit_options {
    struct db *db;
    struct s3_client *store;
    const char *bucket;
    int64_t age_s;        /* younger objects are left alone: those of uploads under way */
    int64_t orphan_age_s; /* younger ones without a record, too */
    bool dry_run;         /* nothing is changed */
    size_t orphans_max;   /* more are counted, and not kept; 0: all are kept */
    void *context;
    void (*arrived)(void *context, const char *file_id, const char *key);
    void (*adopted)(void *context, const char *key);
    void (*changed)(void *context, const char *file_id, const char *key, bool is_changed); /* false: back again */
};

struct audit_tally {
    size_t objects; /* old enough to be looked at */
    size_t orphans, changed;
    size_t arrived; /* with those that were adopted */
};

struct audit;

/* Borrows what the options name. */
struct audit *audit_new(const struct audit_options *options);
void audit_free(struct audit *audit);
DEFINE_CLEANUP(struct audit *, audit)

/* Goes on with at most so many objects (0: all). ret_done: the whole bucket has been seen; the next step would start again.
 * After a failure the next step goes on where this one began. */
bool audit_step(struct audit *audit, size_t objects_max, bool *ret_done, struct error *err) MUST_CHECK;

/* Of the comparison under way, or of the one that is done until the next step. */
const struct audit_tally *audit_tally(const struct audit *audit);
const char *const *audit_orphans(const struct audit *audit, size_t *ret_count);

/* So many orphans among so many objects are no leftovers: the database is rather the wrong one. Pure. */
bool audit_is_suspicious(const struct audit_tally *tally);

/* Removes the orphans that are kept, those that still have no record. */
bool audit_remove_orphans(struct audit *audit, size_t *ret_removed, struct error *err) MUST_CHECK;

#endif
