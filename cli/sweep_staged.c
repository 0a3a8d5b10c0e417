#include "cli/sweep.h"
#include "common/sweep_lock.h"
#include "common/sweep_staging.h"

static void print_removed(void *context, const char *key) {
    struct sweep *sweep = context;
    sweep->staged++;
    printf("staged    %s\n", key);
}

bool sweep_staged(struct sweep *sweep, struct error *err) {
    _cleanup_(sweep_staging_free) struct sweep_staging staging = {
        .db = sweep->db,
        .store = sweep->store,
        .bucket = sweep->config->s3_bucket,
        .age_s = sweep->config->pending_ttl_s,
        .dry_run = sweep->dry_run,
        .context = sweep,
        .removed = print_removed,
    };
    bool has_more = true;
    bool is_good = true;
    while (has_more && is_good) {
        if (!sweep->dry_run && !sweep_lock_take(sweep->db, sweep->lock_timeout_ms, err)) {
            return false;
        }
        is_good = sweep_staging_page(&staging, &has_more, err);
        if (!sweep->dry_run) {
            sweep_lock_give(sweep->db);
        }
    }
    return is_good;
}
