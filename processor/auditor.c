#include "processor/auditor.h"

#include "common/audit.h"
#include "common/event_queue.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/s3_bucket.h"
#include "common/sweep_lock.h"
#include "common/xalloc.h"

enum { STEP_OBJECTS = 5000, ORPHANS_MAX = 10000, MS_PER_S = 1000 };

struct auditor {
    const struct config *config;
    struct db *db;
    struct redis *redis;
    struct s3_client *store;
    struct audit *audit;
    int64_t next_ms; /* monotonic: no step before this */
};

static void note_arrived(void *context, const char *file_id, const char *key) {
    struct auditor *auditor = context;
    struct error ignored; /* workers look for work by themselves, too */
    metrics_increment(METRIC_AUDIT_ARRIVED, 0);
    log_warn("file_arrived_late", log_text("file_id", file_id), log_text("key", file_id == NULL ? key : NULL));
    (void)!event_queue_wake(auditor->redis, auditor->config->events_list, &ignored);
}

static void note_adopted(void *context, const char *key) {
    note_arrived(context, NULL, key);
}

static void note_changed(void *context, const char *file_id, const char *key, bool is_changed) {
    (void)context;
    (void)key;
    if (is_changed) {
        metrics_increment(METRIC_OBJECTS_CHANGED, 0);
        log_warn("object_changed", log_text("file_id", file_id));
    } else {
        log_info("object_restored", log_text("file_id", file_id));
    }
}

struct auditor *auditor_new(const struct config *config, struct db *db, struct redis *redis, struct s3_client *store) {
    struct auditor *auditor = xcalloc(1, sizeof *auditor);
    const struct audit_options options = {
        .db = db,
        .store = store,
        .bucket = config->s3_bucket,
        .age_s = config->sweep_age_s < config->orphan_age_s ? config->sweep_age_s : config->orphan_age_s,
        .orphan_age_s = config->orphan_age_s,
        .orphans_max = config->orphan_delete ? ORPHANS_MAX : 1, /* one, to name it */
        .context = auditor,
        .arrived = note_arrived,
        .adopted = note_adopted,
        .changed = note_changed,
    };
    *auditor =
        (struct auditor){.config = config, .db = db, .redis = redis, .store = store, .audit = audit_new(&options)};
    return auditor;
}

void auditor_free(struct auditor *auditor) {
    if (auditor != NULL) {
        audit_free(auditor->audit);
        free(auditor);
    }
}

static bool delete_orphans(struct auditor *auditor, struct error *err) {
    const struct audit_tally *tally = audit_tally(auditor->audit);
    size_t removed = 0;
    if (!auditor->config->orphan_delete || tally->orphans == 0) {
        return true;
    }
    if (audit_is_suspicious(tally)) {
        log_error("orphans_suspicious", log_int("orphans", (int64_t)tally->orphans),
                  log_int("objects", (int64_t)tally->objects));
        return true;
    }
    bool is_good = audit_remove_orphans(auditor->audit, &removed, err);
    metrics_add(METRIC_ORPHANS_DELETED, 0, (int64_t)removed);
    metrics_set(METRIC_ORPHANS, 0, (int64_t)(tally->orphans - removed));
    log_warn("orphans_deleted", log_int("orphans", (int64_t)removed));
    return is_good;
}

static bool conclude(struct auditor *auditor, int64_t now_ms, struct error *err) {
    const struct audit_tally *tally = audit_tally(auditor->audit);
    size_t count = 0;
    const char *const *orphans = audit_orphans(auditor->audit, &count);
    auditor->next_ms = now_ms + auditor->config->audit_interval_s * MS_PER_S;
    metrics_set(METRIC_ORPHANS, 0, (int64_t)tally->orphans);
    log_info("audit_done", log_int("objects", (int64_t)tally->objects), log_int("orphans", (int64_t)tally->orphans),
             log_text("first_orphan", count > 0 ? orphans[0] : NULL), log_int("arrived", (int64_t)tally->arrived),
             log_int("changed", (int64_t)tally->changed));
    return delete_orphans(auditor, err);
}

/* In a bucket that is missing, or empty by mistake, nothing is found, and nothing is done about it. */
static bool go_on(struct auditor *auditor, int64_t now_ms, struct error *err) {
    bool is_done = false;
    return s3_bucket_require(auditor->store, err) && audit_step(auditor->audit, STEP_OBJECTS, &is_done, err) &&
           (!is_done || conclude(auditor, now_ms, err));
}

bool auditor_run(struct auditor *auditor, int64_t now_ms, struct error *err) {
    bool is_locked = false;
    if (auditor->config->audit_interval_s == 0 || now_ms < auditor->next_ms) {
        return true;
    }
    if (!sweep_lock_try(auditor->db, &is_locked, err)) {
        return false;
    }
    if (!is_locked) {
        return true;
    }
    bool is_good = go_on(auditor, now_ms, err);
    sweep_lock_give(auditor->db);
    return is_good;
}
