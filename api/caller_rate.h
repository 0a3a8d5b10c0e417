/* Rate limits of callers: by key, by the subject of a token, and by address for those who come with neither. */
#ifndef SLUICE_API_CALLER_RATE_H
#define SLUICE_API_CALLER_RATE_H

#include "api/rate_limit.h"
#include "api/request.h"
#include "common/config.h"

struct caller_rate {
    struct rate_table *table;
    int64_t per_minute; /* of callers without a valid key; 0: any number */
    int64_t burst;      /* 0: as many as in a minute */
};

void caller_rate_start(struct caller_rate *rate, const struct config *config);
void caller_rate_stop(struct caller_rate *rate);

/* Whom the request counts for, as a text that no other caller has: of an IPv6 address only the network of 64 bits counts. Pure. */
void caller_rate_name(const struct request *request, struct buf *out);

/* After the caller was looked at: known, or not, and then `err` says why. Passes that on, unless the caller came too often: then
 * RATE_LIMITED. Adds X-RateLimit-* to the answer of whoever has a limit. */
bool caller_rate_check(struct caller_rate *rate, struct request *request, bool known, struct error *err) MUST_CHECK;

#endif
