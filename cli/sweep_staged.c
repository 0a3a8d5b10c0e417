#include "cli/sweep.h"
#include "common/sweep_staging.h"

static void print_removed(void *context, const char *key) {
    struct sweep *sweep = context;
    sweep->staged++;
    printf("staged    %s\n", key);
}

static bool next_page(void *staging, bool *ret_more, struct error *err) {
    return sweep_staging_page(staging, ret_more, err);
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
    return sweep_in_steps(sweep, next_page, &staging, err);
}
