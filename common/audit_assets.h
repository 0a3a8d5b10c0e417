/* Objects of assets, and staged ones of batches, among those of the bucket: which of them are in use. */
#ifndef SLUICE_COMMON_AUDIT_ASSETS_H
#define SLUICE_COMMON_AUDIT_ASSETS_H

#include "common/db.h"

/* Rows of the keys that are in use: objects of assets, and whatever lies under the id of one, or of a photo of a batch, that is
 * not SYNCED: its worker, or a retry, needs it. */
bool audit_used_assets(struct db *db, const char *bucket, const char *const *keys, size_t count,
                       struct db_result **ret_used, struct error *err) MUST_CHECK;

#endif
