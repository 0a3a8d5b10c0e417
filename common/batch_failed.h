/* What becomes of the photos of a batch that failed: they are tried again, or they go. Both for an album's newest batch, once it is
 * done: BATCH_RUNNING before. ALBUM_NOT_FOUND. */
#ifndef SLUICE_COMMON_BATCH_FAILED_H
#define SLUICE_COMMON_BATCH_FAILED_H

#include "common/batch_store.h"

/* All of them again, and the batch runs again; in one transaction. ret_count 0: none had failed, and nothing was done. */
bool batch_retry(struct db *db, const char *owner_id, const char *album_id, size_t *ret_count,
                 struct error *err) MUST_CHECK;

/* Their records and rows go, in one transaction. ret_removed: whose objects are nobody's now, and are to be removed. */
bool batch_clear(struct db *db, const char *owner_id, const char *album_id, struct batch_failures *ret_removed,
                 struct error *err) MUST_CHECK;

#endif
