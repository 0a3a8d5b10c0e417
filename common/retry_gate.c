#include "common/retry_gate.h"

bool retry_gate_enter(struct retry_gate *gate, int64_t now_ms, int64_t attempt_ms) {
    int64_t closed_until_ms = atomic_load(&gate->closed_until_ms);
    if (closed_until_ms == 0) {
        return true;
    }
    return closed_until_ms <= now_ms &&
           atomic_compare_exchange_strong(&gate->closed_until_ms, &closed_until_ms, now_ms + attempt_ms);
}

void retry_gate_report(struct retry_gate *gate, int64_t now_ms, bool succeeded) {
    atomic_store(&gate->closed_until_ms, succeeded ? 0 : now_ms + RETRY_GATE_PAUSE_MS);
}
