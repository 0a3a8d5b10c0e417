/* Compares the bucket with the records once a day or as configured, a little at every sweep, and tells what it found. It
 * deletes nothing unless a setting says so. */
#ifndef SLUICE_PROCESSOR_AUDITOR_H
#define SLUICE_PROCESSOR_AUDITOR_H

#include "common/config.h"
#include "common/db.h"
#include "common/redis.h"
#include "common/s3_client.h"

struct auditor;

/* Borrows the connections. */
struct auditor *auditor_new(const struct config *config, struct db *db, struct redis *redis, struct s3_client *store);
void auditor_free(struct auditor *auditor);
DEFINE_CLEANUP(struct auditor *, auditor)

/* Goes on when it is time, under the sweep's lock; nothing when another holds it. now_ms is monotonic. */
bool auditor_run(struct auditor *auditor, int64_t now_ms, struct error *err) MUST_CHECK;

#endif
