/* The way of new records into the database, within the quota of their owner. Owners without one take the short way. */
#ifndef SLUICE_API_QUOTA_H
#define SLUICE_API_QUOTA_H

#include "api/api.h"

/* Limits of the owner that are -1 become those of the settings, and so does the rate of the caller. */
void quota_fill(const struct config *config, struct principal *principal);

/* Whether the caller's owner has a quota. */
bool quota_applies(const struct principal *principal);

/* Before a transaction that adds files of an owner with a quota; for others it does nothing. */
bool quota_prepare(struct db *db, const struct principal *principal, struct error *err) MUST_CHECK;

/* Within the transaction, after these PENDING files were inserted, as its last statement but the commit: QUOTA_BYTES_EXCEEDED,
 * QUOTA_PENDING_EXCEEDED; on each failure the transaction is rolled back. A file whose size is not declared counts as
 * undeclared_bytes until it is there. */
bool quota_admit(struct db *db, const struct principal *principal, const char *const *file_ids, size_t count,
                 int64_t undeclared_bytes, struct error *err) MUST_CHECK;

/* The same for files that have arrived within the transaction. */
bool quota_admit_arrived(struct db *db, const struct principal *principal, struct error *err) MUST_CHECK;

/* Commits a draft: with others in one statement, or, for an owner with a quota, in a transaction of its own. */
bool quota_insert_file(struct api *api, const struct principal *principal, const struct file_draft *draft,
                       int64_t undeclared_bytes, struct error *err) MUST_CHECK;

/* Before an upload through the server is read: refuses one that could not be kept. bytes -1: its length is not known. */
bool quota_check(struct api *api, const struct principal *principal, int64_t bytes, struct error *err) MUST_CHECK;

#endif
