/* Waiting times between attempts: exponential with full jitter, so that clients of a failed service do not return
 * together (AWS Architecture Blog, "Exponential Backoff And Jitter"). Pure. */
#ifndef SLUICE_COMMON_BACKOFF_H
#define SLUICE_COMMON_BACKOFF_H

#include <stdint.h>

/* A time within [0, min(cap_ms, base_ms × 2^attempt)], chosen by `random` (any 64 bits). The first attempt is 0. */
int64_t backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms, uint64_t random);

#endif
