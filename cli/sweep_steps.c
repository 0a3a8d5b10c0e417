#include "cli/sweep.h"
#include "common/sweep_lock.h"

bool sweep_in_steps(struct sweep *sweep, bool (*step)(void *state, bool *ret_more, struct error *err), void *state,
                    struct error *err) {
    bool has_more = true;
    bool is_good = true;
    while (has_more && is_good) {
        if (!sweep->dry_run && !sweep_lock_take(sweep->db, sweep->lock_timeout_ms, err)) {
            return false;
        }
        is_good = step(state, &has_more, err);
        if (!sweep->dry_run) {
            sweep_lock_give(sweep->db);
        }
    }
    return is_good;
}
