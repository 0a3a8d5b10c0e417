/* Dead events once more onto the list of events: first there, then out of their table, so that none is lost. One that comes twice
 * changes nothing. */
#ifndef SLUICE_COMMON_DEAD_REPLAY_H
#define SLUICE_COMMON_DEAD_REPLAY_H

#include "common/db.h"
#include "common/redis.h"

/* Those with ids from `first` to `last`, the oldest `limit` of them at most. */
bool dead_replay(struct db *db, struct redis *redis, const char *list, int64_t first, int64_t last, size_t limit,
                 size_t *ret_count, struct error *err) MUST_CHECK;

#endif
