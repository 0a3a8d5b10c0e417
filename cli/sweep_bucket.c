#include "cli/sweep.h"
#include "common/audit.h"

enum { STEP_OBJECTS = 10000 };

static void print_arrived(void *context, const char *file_id, const char *key) {
    struct sweep *sweep = context;
    sweep->found++;
    printf("found     %s  %s\n", file_id, key);
}

static void print_adopted(void *context, const char *key) {
    struct sweep *sweep = context;
    sweep->found++;
    printf("adopted   %s\n", key);
}

static void print_changed(void *context, const char *file_id, const char *key, bool is_changed) {
    struct sweep *sweep = context;
    sweep->changed += is_changed ? 1 : 0;
    printf("%-9s %s  %s\n", is_changed ? "changed" : "restored", file_id, key);
}

static bool step(void *audit, bool *ret_more, struct error *err) {
    bool is_done = false;
    bool is_good = audit_step(audit, STEP_OBJECTS, &is_done, err);
    *ret_more = !is_done;
    return is_good;
}

static bool remove_orphans(struct sweep *sweep, struct audit *audit, struct error *err) {
    const struct audit_tally *tally = audit_tally(audit);
    if (sweep->dry_run || tally->orphans == 0) {
        return true;
    }
    if (!sweep->force && audit_is_suspicious(tally)) {
        return error_set(
            err, ERROR_CONFLICT,
            "%zu of %zu objects have no record, none was removed: is this the right database? --force removes "
            "them",
            tally->orphans, tally->objects);
    }
    return audit_remove_orphans(audit, &sweep->orphans, err);
}

bool sweep_bucket(struct sweep *sweep, struct error *err) {
    const struct audit_options options = {
        .db = sweep->db,
        .store = sweep->store,
        .bucket = sweep->config->s3_bucket,
        .age_s = sweep->orphan_age_s < sweep->config->sweep_age_s ? sweep->orphan_age_s : sweep->config->sweep_age_s,
        .orphan_age_s = sweep->orphan_age_s,
        .dry_run = sweep->dry_run,
        .context = sweep,
        .arrived = print_arrived,
        .adopted = print_adopted,
        .changed = print_changed,
    };
    _cleanup_(audit_freep) struct audit *audit = audit_new(&options);
    size_t count = 0;
    if (!sweep_in_steps(sweep, step, audit, err)) {
        return false;
    }
    const char *const *orphans = audit_orphans(audit, &count);
    for (size_t i = 0; i < count; i++) {
        printf("orphan    %s\n", orphans[i]);
    }
    sweep->orphans = count;
    return remove_orphans(sweep, audit, err);
}
