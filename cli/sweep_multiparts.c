#include "cli/sweep.h"
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

static bool next_page(void *uploads, bool *ret_more, struct error *err) {
    return sweep_uploads_page(uploads, ret_more, err);
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
    return sweep_in_steps(sweep, next_page, &uploads, err);
}
