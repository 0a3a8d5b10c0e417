/* What the settlement does for assets besides: it makes sure of their contents, and clears their staged objects away; those of
 * photos of batches, too. */
#ifndef SLUICE_PROCESSOR_SETTLE_ASSETS_H
#define SLUICE_PROCESSOR_SETTLE_ASSETS_H

#include "processor/settlement.h"

/* Whether one of these results finishes an asset. Pure. */
bool settle_assets_any(const struct job_result *results, size_t count);

/* First in the transaction: what each asset's claim said stays as it is until the end. A result of which it is not true any
 * more becomes a POSTPONE at once. */
bool settle_assets_hold(struct db *db, struct job_result *results, size_t count, struct error *err) MUST_CHECK;

/* In the transaction, after the results were settled; held as file_state_settle told. */
bool settle_assets_finish(struct db *db, const struct job_result *results, size_t count, const bool *held,
                          struct error *err) MUST_CHECK;

/* After the commit: the staged objects, and what duplicates made before they were any, go out of the store. Best effort: the
 * sweep finds them later. */
void settle_assets_clear(struct step_tools *tools, const struct job_result *results, size_t count, const bool *held);

#endif
