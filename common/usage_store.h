/* What owners use of the store, and their quotas.
 *
 * Only owners who have a quota, or who asked, are counted. What a file counts as follows from its row (sluice_charge in
 * migrations/0007_identity.sql); a trigger notes each change in the transaction that makes it, so that no kill and no order of
 * events makes the sum drift, and recounting gives the same.
 */
#ifndef SLUICE_COMMON_USAGE_STORE_H
#define SLUICE_COMMON_USAGE_STORE_H

#include "common/db.h"

/* 0: none. */
struct usage_limits {
    int64_t max_bytes;
    int64_t max_pending; /* signed uploads that wait */
};

struct usage {
    int64_t bytes;
    int64_t pending;
};

/* Limits of an owner by the table, -1 where the settings decide. */
bool usage_find_limits(struct db *db, const char *owner_id, struct usage_limits *ret_limits,
                       struct error *err) MUST_CHECK;

/* Begins to count an owner, unless that was done; not within a transaction. Reads all of the owner's files the first time.
 * DATABASE_CONFLICT when a transaction that writes files does not end. */
bool usage_start(struct db *db, const char *owner_id, struct error *err) MUST_CHECK;

/* NOT_FOUND when the owner is not counted. */
bool usage_get(struct db *db, const char *owner_id, struct usage *ret_usage, struct error *err) MUST_CHECK;

/* Counts anew; what it was before is in ret_before. usage_start goes before. */
bool usage_recount(struct db *db, const char *owner_id, struct usage *ret_before, struct usage *ret_usage,
                   struct error *err) MUST_CHECK;

/* What a transaction adds, within it and after its rows were written. */
struct usage_admission {
    const char *owner_id;
    struct usage_limits limits;
    const char *const *file_ids; /* new PENDING files; each reserves its declared size … */
    size_t count;
    int64_t undeclared_bytes; /* … or this */
};

/* QUOTA_BYTES_EXCEEDED or QUOTA_PENDING_EXCEEDED when the owner's files are now above a limit; on each failure the transaction is
 * rolled back. Others who add to the same owner's files wait until its end. usage_start goes before it. */
bool usage_admit(struct db *db, const struct usage_admission *admission, struct error *err) MUST_CHECK;

/* Whether so many more bytes would fit right now: reads only, and promises nothing. */
bool usage_check(struct db *db, const char *owner_id, const struct usage_limits *limits, int64_t bytes,
                 struct error *err) MUST_CHECK;

#endif
