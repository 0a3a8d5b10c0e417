#include "processor/gauges.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/s3_bucket.h"

#include <sys/statvfs.h>

enum { COUNT_MAX = 10000 };
enum { POSTGRES, REDIS, STORE, DEPENDENCY_COUNT };

static const char *const dependency_names[DEPENDENCY_COUNT] = {"postgres", "redis", "store"};

void gauges_label_metrics(void) {
    metrics_label(METRIC_DEPENDENCY_UP, dependency_names, DEPENDENCY_COUNT);
    for (size_t i = 0; i < DEPENDENCY_COUNT; i++) {
        metrics_set(METRIC_DEPENDENCY_UP, i, 1); /* nobody has looked, nothing is wrong */
    }
}

/* Workers say in the log when a dependency goes; this is for the metric alone. */
static void note(size_t dependency, bool answered, const struct error *err) {
    metrics_set(METRIC_DEPENDENCY_UP, dependency, answered);
    if (!answered) {
        log_debug("gauge_failed", log_text("dependency", dependency_names[dependency]), log_code(err),
                  log_message(err));
    }
}

static bool measure_tables(struct db *db, struct error *err) {
    static const enum metric metrics[] = {METRIC_QUEUE_DUE, METRIC_QUEUE_PROCESSING, METRIC_QUEUE_OLDEST_DUE_SECONDS,
                                          METRIC_DEAD_EVENTS};
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, COUNT_MAX);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_GAUGE_TABLES, &params, &result, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        metrics_set(metrics[i], 0, db_int(result, 0, i));
    }
    return true;
}

static bool measure_list(const struct config *config, struct redis *redis, struct error *err) {
    int64_t length = 0;
    if (!redis_list_length(redis, config->events_list, &length, err)) {
        return false;
    }
    metrics_set(METRIC_EVENT_LIST_LENGTH, 0, length);
    return true;
}

static void measure_spool(const char *directory) {
    struct statvfs disk;
    if (statvfs(directory, &disk) == 0 && disk.f_blocks > 0) {
        /* As df has it: what root alone may use counts as used. */
        fsblkcnt_t used = disk.f_blocks - disk.f_bfree;
        fsblkcnt_t all = used + disk.f_bavail;
        metrics_set(METRIC_SPOOL_USED_PERCENT, 0, all == 0 ? 100 : (int64_t)(used * 100 / all));
    }
}

void gauges_measure(const struct config *config, const struct connections *connections) {
    struct error err = {0};
    bool exists = false;
    note(POSTGRES, measure_tables(connections->db, &err), &err);
    note(REDIS, measure_list(config, connections->redis, &err), &err);
    note(STORE, s3_bucket_exists(connections->store, &exists, &err), &err);
    measure_spool(config->spool_dir);
}

void gauges_sweep_completed(void) {
    metrics_set(METRIC_SWEEP_COMPLETED_TIMESTAMP_SECONDS, 0, clock_now_ms() / 1000);
}
