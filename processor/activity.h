/* Since when a child does what it is doing, and how long that may take, in memory that it shares with the supervisor, who
 * ends a child that takes longer. */
#ifndef SLUICE_PROCESSOR_ACTIVITY_H
#define SLUICE_PROCESSOR_ACTIVITY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct activity {
    _Alignas(64) _Atomic int64_t ends_ms; /* monotonic, latest; 0: no limit */
};

static inline void activity_begin(struct activity *activity, int64_t now_ms, int64_t limit_ms) {
    atomic_store_explicit(&activity->ends_ms, now_ms + limit_ms, memory_order_relaxed);
}

static inline void activity_end(struct activity *activity) {
    atomic_store_explicit(&activity->ends_ms, 0, memory_order_relaxed);
}

static inline bool activity_is_overdue(const struct activity *activity, int64_t now_ms) {
    int64_t ends_ms = atomic_load_explicit(&activity->ends_ms, memory_order_relaxed);
    return ends_ms != 0 && now_ms > ends_ms;
}

#endif
