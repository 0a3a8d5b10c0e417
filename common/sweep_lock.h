/* The lock in the database by which one sweeper at a time works: a processor for a sweep, `sluice sweep` for a page. Without
 * it nothing breaks, since every change of a sweep may be made twice; it keeps two from asking the store for the same. */
#ifndef SLUICE_COMMON_SWEEP_LOCK_H
#define SLUICE_COMMON_SWEEP_LOCK_H

#include "common/db.h"

/* Does not wait. The lock belongs to the connection: it ends with it at the latest. */
bool sweep_lock_try(struct db *db, bool *ret_locked, struct error *err) MUST_CHECK;

/* Waits up to timeout_ms; ERROR_CONFLICT when another holds it all the time. */
bool sweep_lock_take(struct db *db, int64_t timeout_ms, struct error *err) MUST_CHECK;

/* Never fails: a lost connection has given the lock back. */
void sweep_lock_give(struct db *db);

#endif
