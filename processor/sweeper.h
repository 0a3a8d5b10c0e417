/* The third road to UPLOADED: PENDING files whose event or confirmation never came are looked up in the store, and those
 * that nobody uploaded end EXPIRED, and multipart uploads that nobody completed are aborted with the parts that arrived.
 * Staged objects of assets that nobody needs are removed. One processor sweeps at a time, by a lock in the database. */
#ifndef SLUICE_PROCESSOR_SWEEPER_H
#define SLUICE_PROCESSOR_SWEEPER_H

#include "common/config.h"
#include "common/db.h"
#include "common/redis.h"
#include "common/s3_client.h"

struct sweeper_policy {
    int64_t interval_s;    /* pause between sweeps */
    int64_t pending_ttl_s; /* without an object, files older than this expire */
};

/* A PENDING file as the database sees it, in ms since 1970 by its clock. */
struct sweeper_file {
    int64_t now_ms;
    int64_t created_ms; /* when its URL was signed: for the first time, or when a new one was asked for */
    int64_t expires_ms; /* end of the signed URL */
};

/* Pure: whether a file without an object has been waited for long enough. */
bool sweeper_is_over(const struct sweeper_policy *policy, const struct sweeper_file *file);

/* Pure: seconds until the next look at a file without an object. While its URL is valid (and a minute more, for an upload
 * under way) at every sweep; then ever more rarely, each wait as long as the file is old, but at least once an hour; and
 * when its time is over. */
int64_t sweeper_next_look_s(const struct sweeper_policy *policy, const struct sweeper_file *file);

struct sweeper;

/* Borrows the connections. */
struct sweeper *sweeper_new(const struct config *config, struct db *db, struct redis *redis, struct s3_client *store);
void sweeper_free(struct sweeper *sweeper);
DEFINE_CLEANUP(struct sweeper *, sweeper)

/* One sweep; nothing when another processor is at it. Ends early, and well, when a stop is asked for. */
bool sweeper_run(struct sweeper *sweeper, struct error *err) MUST_CHECK;

/* Names the results for the metrics; before any fork. */
void sweeper_label_metrics(void);

#endif
