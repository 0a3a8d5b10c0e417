#include "common/backoff.h"

enum { ATTEMPT_MAX = 40 }; /* base_ms × 2^attempt stays far from overflow; the cap holds long before */

int64_t backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms, uint64_t random) {
    int64_t limit = base_ms;
    for (unsigned i = 0; i < attempt && i < ATTEMPT_MAX && limit < cap_ms; i++) {
        limit *= 2;
    }
    limit = limit < cap_ms ? limit : cap_ms;
    return limit <= 0 ? 0 : (int64_t)(random % ((uint64_t)limit + 1));
}
