/* How often somebody may come: the generic cell rate algorithm (a token bucket that stores one time), for many callers in a table
 * of fixed size. Time is an argument; safe for many threads. */
#ifndef SLUICE_API_RATE_LIMIT_H
#define SLUICE_API_RATE_LIMIT_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct rate_terms {
    int64_t per_minute;
    int64_t burst; /* how many may come at once, at least 1 */
};

struct rate_verdict {
    bool allowed;
    int64_t remaining;     /* how many more may come right now */
    int64_t reset_s;       /* until `burst` may come at once again, rounded up */
    int64_t retry_after_s; /* until the next one may come, when this one may not; at least 1 */
};

/* One request at `now_us` (monotonic). *full_us is when the caller's bucket is full again, 0 for one that never came; it is moved
 * on when the request is allowed. Pure. */
struct rate_verdict rate_limit_decide(const struct rate_terms *terms, int64_t now_us, int64_t *full_us);

enum { RATE_TABLE_SETS = 1024, RATE_TABLE_WAYS = 8 };

struct rate_table;

struct rate_table *rate_table_new(void);
void rate_table_free(struct rate_table *table);
DEFINE_CLEANUP(struct rate_table *, rate_table)

/* A request of the caller of this number (a hash). A caller whose bucket is full takes no place. When too many are there at once,
 * the one who came least begins anew. */
struct rate_verdict rate_table_take(struct rate_table *table, uint64_t caller, const struct rate_terms *terms,
                                    int64_t now_us);

#endif
