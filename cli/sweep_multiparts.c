#include "cli/sweep.h"
#include "common/sweep_lock.h"
#include "common/sweep_uploads.h"

static void print_ended(void *context, const char *file_id, const char *key, size_t parts) {
    struct sweep *sweep = context;
    sweep->uploads++;
    printf("upload    %s  %s  (%zu part%s)\n", file_id, key, parts, parts == 1 ? "" : "s");
}

static void print_refused(void *context, const char *file_id, const struct error *problem) {
    struct sweep *sweep = context;
    sweep->unclear++;
    printf("unclear   %s  %s\n", file_id, problem->message);
}

bool sweep_multiparts(struct sweep *sweep, struct error *err) {
    struct sweep_uploads uploads = {
        .db = sweep->db,
        .store = sweep->store,
        .bucket = sweep->config->s3_bucket,
        .age_s = sweep->config->pending_ttl_s,
        .dry_run = sweep->dry_run,
        .context = sweep,
        .ended = print_ended,
        .refused = print_refused,
    };
    bool has_more = true;
    bool is_good = true;
    while (has_more && is_good) {
        if (!sweep->dry_run && !sweep_lock_take(sweep->db, sweep->lock_timeout_ms, err)) {
            return false;
        }
        is_good = sweep_uploads_page(&uploads, &has_more, err);
        if (!sweep->dry_run) {
            sweep_lock_give(sweep->db);
        }
    }
    return is_good;
}
