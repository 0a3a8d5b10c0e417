/* Keeps a storm of callers from waiting for a service that is down: after a failed attempt nobody tries for a moment, and
 * then one at a time until an attempt succeeds. Shared by the connections of a pool; safe from any thread. Pure but for
 * its state: the caller brings the (monotonic) time. */
#ifndef SLUICE_COMMON_RETRY_GATE_H
#define SLUICE_COMMON_RETRY_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { RETRY_GATE_PAUSE_MS = 200 };

struct retry_gate {
    _Atomic int64_t closed_until_ms; /* 0: the last attempt succeeded */
};

/* True when the caller may try now. attempt_ms: longest time that its attempt takes. */
bool retry_gate_enter(struct retry_gate *gate, int64_t now_ms, int64_t attempt_ms);

/* What came of an attempt. */
void retry_gate_report(struct retry_gate *gate, int64_t now_ms, bool succeeded);

#endif
