/* How far two clocks are apart, and what that means for signatures. Pure. */
#ifndef SLUICE_CLI_CLOCK_SKEW_H
#define SLUICE_CLI_CLOCK_SKEW_H

#include "common/buf.h"

#include <stdint.h>

/* SigV4 requests are refused from 15 minutes on, and a signed URL is valid for less, or more, than it says. */
enum { CLOCK_SKEW_WARN_MS = 30 * 1000, CLOCK_SKEW_FAIL_MS = 5 * 60 * 1000 };

enum clock_skew { CLOCK_SKEW_NONE, CLOCK_SKEW_SOME, CLOCK_SKEW_TOO_MUCH };

/* skew_ms: ours minus theirs. */
enum clock_skew clock_skew_of(int64_t skew_ms);

/* "20.0 min ahead of the store", "12 s behind Postgres"; less than two seconds, since the store
 * tells whole ones: "level with Redis". */
void clock_skew_text(int64_t skew_ms, const char *whose, struct buf *out);

#endif
