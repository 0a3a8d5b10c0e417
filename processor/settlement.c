#include "processor/settlement.h"

#include "common/asset_key.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/media_key.h"
#include "common/metrics.h"
#include "common/tag_store.h"
#include "processor/crash_point.h"
#include "processor/settle_assets.h"
#include "processor/staged.h"

#include <string.h>

enum { LARGE_FILE_BYTES = 1 << 20 /* takes longer than a commit */, COMMON_FIELDS = 6 };

enum job_end { JOB_SYNCED, JOB_POSTPONED, JOB_FAILED, JOB_LOST, JOB_END_COUNT };
static const char *const end_names[JOB_END_COUNT] = {"synced", "postponed", "failed", "lost"};

struct job_result *settlement_next(struct settlement *settlement) {
    return &settlement->results[settlement->count];
}

void settlement_added(struct settlement *settlement, int64_t now_ms) {
    if (settlement->count++ == 0) {
        settlement->oldest_ms = now_ms;
    }
}

bool settlement_is_due(const struct settlement *settlement, int64_t now_ms, int64_t next_size) {
    if (settlement->count == 0) {
        return false;
    }
    return settlement->count == SETTLEMENT_MAX || now_ms - settlement->oldest_ms >= SETTLEMENT_HOLD_MS ||
           next_size < 0 || next_size > LARGE_FILE_BYTES;
}

bool settlement_has_content_of(const struct settlement *settlement, const struct file_job *job) {
    for (size_t i = 0; asset_kind_is_asset(job->kind) && i < settlement->count; i++) {
        const struct job_result *result = &settlement->results[i];
        const struct file_job *done = result->outcome.job;
        if (result->outcome.event == FILE_FINISH && result->holder[0] == '\0' && asset_kind_is_asset(done->kind) &&
            strcmp(done->owner_id, job->owner_id) == 0 &&
            memcmp(done->expected_sha256, job->expected_sha256, SHA256_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static enum job_end end_of(const struct file_outcome *outcome) {
    return outcome->event == FILE_FINISH ? JOB_SYNCED : outcome->event == FILE_REJECT ? JOB_FAILED : JOB_POSTPONED;
}

/* One line a file: what it took in all, from the first step to the commit, and in each step that ran. */
static void log_end(const struct job_result *result) {
    static const char *const events[] = {"file_synced", "file_postponed", "file_failed"};
    const struct file_outcome *outcome = &result->outcome;
    enum job_end end = end_of(outcome);
    bool has_error = outcome->error.code != ERROR_NONE;
    struct log_field fields[COMMON_FIELDS + STEP_COUNT] = {
        log_text("file_id", outcome->job->file_id),
        log_int("attempt", outcome->job->attempts),
        log_int("size", outcome->size),
        log_int("us", clock_monotonic_us() - result->started_us),
        log_text("code", has_error ? error_name(&outcome->error) : NULL),
        log_text("message", has_error ? outcome->error.message : NULL),
    };
    size_t count = COMMON_FIELDS;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (result->step_us[i] >= 0) {
            fields[count++] = log_int(steps[i].log_field, result->step_us[i]);
        }
    }
    log_write(LOG_INFO, events[end], fields, count);
}

static void report(const struct job_result *result, bool is_held) {
    const struct file_outcome *outcome = &result->outcome;
    metrics_increment(METRIC_JOBS, is_held ? end_of(outcome) : JOB_LOST);
    if (!is_held) {
        log_warn("lease_lost", log_text("file_id", outcome->job->file_id));
        return;
    }
    if (outcome->event == FILE_REJECT) {
        metrics_increment(METRIC_FAILURES, outcome->error.code);
    }
    log_end(result);
}

/* What this worker put into the cache and the store for a file that is no more. */
static void forget(struct settlement *settlement, const char *file_id) {
    step_cache_forget(settlement->tools, file_id);
    for (size_t i = 0; i < settlement->count; i++) {
        const struct job_result *result = &settlement->results[i];
        if (strcmp(result->outcome.job->file_id, file_id) != 0) {
            continue;
        }
        if (result->picture.variant_count > 0) {
            step_picture_forget(settlement->tools, result->outcome.job);
        }
        if (staged_is(result->outcome.job)) {
            step_promote_forget(settlement->tools, result->outcome.job);
        }
    }
}

/* A job can be lost to another worker, whose content in the cache and variants are the same, or because its file was deleted:
 * then what this worker made of it must not stay. Best effort: when the database is gone again, the cache's own expiry and
 * `sluice sweep` have to do. */
static void forget_deleted(struct settlement *settlement, const bool *held) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *gone = NULL;
    struct error ignored;
    bool any_lost = false;
    db_array_start(&params);
    for (size_t i = 0; i < settlement->count; i++) {
        if (!held[i]) {
            db_array_add_text(&params, settlement->results[i].outcome.job->file_id);
            any_lost = true;
        }
    }
    db_array_end(&params);
    if (!any_lost || !db_run(settlement->db, SQL_FILES_GONE, &params, &gone, &ignored)) {
        return;
    }
    for (size_t row = 0; row < db_rows(gone); row++) {
        forget(settlement, db_text(gone, row, 0));
    }
}

static bool queue_tagging(struct settlement *settlement, const struct picture_entry *entries, size_t count,
                          struct error *err) {
    const char *file_ids[SETTLEMENT_MAX];
    for (size_t i = 0; i < count; i++) {
        file_ids[i] = entries[i].file_id;
    }
    return !settlement->tags_pictures || tag_store_enqueue(settlement->db, file_ids, count, err);
}

/* Of the outcomes that were held, those of pictures that are good now. */
static bool write_pictures(struct settlement *settlement, size_t first, size_t count, const bool *held,
                           struct error *err) {
    struct picture_entry entries[SETTLEMENT_MAX];
    char media_ids[SETTLEMENT_MAX][MEDIA_ID_SIZE];
    size_t pictures = 0;
    for (size_t i = 0; i < count; i++) {
        const struct job_result *result = &settlement->results[first + i];
        const struct file_job *job = result->outcome.job;
        if (held[i] && result->outcome.event == FILE_FINISH && result->picture.is_known) {
            media_id_of(job->object_key, job->file_id, media_ids[pictures]);
            entries[pictures] = (struct picture_entry){job->file_id, media_ids[pictures], &result->picture};
            pictures++;
        }
    }
    return pictures == 0 || (picture_store_write(settlement->db, entries, pictures, err) &&
                             queue_tagging(settlement, entries, pictures, err));
}

/* What was found in pictures, and where an asset's object is now, is there when the file is SYNCED, not later; other files
 * need no transaction of several statements. */
static bool needs_more(const struct settlement *settlement, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        if (settlement->results[i].picture.is_known) {
            return true;
        }
    }
    return settle_assets_any(&settlement->results[first], count);
}

static bool write_outcomes(struct settlement *settlement, size_t first, size_t count, bool *ret_held,
                           struct error *err) {
    struct file_outcome outcomes[SETTLEMENT_MAX];
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = settlement->results[first + i].outcome;
    }
    return file_state_settle(settlement->db, outcomes, count, ret_held, err);
}

static bool write_together(struct settlement *settlement, size_t first, size_t count, bool *ret_held,
                           struct error *err) {
    struct job_result *results = &settlement->results[first];
    if (!db_begin(settlement->db, err)) {
        return false;
    }
    if (!settle_assets_hold(settlement->db, results, count, err) ||
        !write_outcomes(settlement, first, count, ret_held, err) ||
        !write_pictures(settlement, first, count, ret_held, err) ||
        !settle_assets_finish(settlement->db, results, count, ret_held, err)) {
        db_rollback(settlement->db);
        return false;
    }
    return db_commit(settlement->db, err);
}

/* Writes results [first, first + count). */
static bool write_range(struct settlement *settlement, size_t first, size_t count, bool *ret_held, struct error *err) {
    return needs_more(settlement, first, count) ? write_together(settlement, first, count, ret_held, err)
                                                : write_outcomes(settlement, first, count, ret_held, err);
}

/* After the database refused them together, so that one bad outcome spoils no other. */
static bool write_one_by_one(struct settlement *settlement, bool *ret_held, struct error *err) {
    for (size_t i = 0; i < settlement->count; i++) {
        ret_held[i] = false;
        if (write_range(settlement, i, 1, &ret_held[i], err)) {
            continue;
        }
        if (error_disposition(err) == OUTAGE) {
            return false;
        }
        settlement->has_dropped = true;
        log_error("outcome_refused", log_text("file_id", settlement->results[i].outcome.job->file_id), log_code(err),
                  log_message(err));
    }
    return true;
}

bool settlement_write(struct settlement *settlement, struct error *err) {
    if (settlement->count == 0) {
        return true;
    }
    bool held[SETTLEMENT_MAX] = {false};
    crash_point("settle_before");
    bool is_written = write_range(settlement, 0, settlement->count, held, err);
    if (!is_written && err->code == ERROR_DATABASE_ERROR) {
        is_written = write_one_by_one(settlement, held, err);
    }
    if (!is_written) {
        dependency_failed(settlement->database, err);
        return false;
    }
    crash_point("settle_after");
    dependency_works(settlement->database);
    for (size_t i = 0; i < settlement->count; i++) {
        report(&settlement->results[i], held[i]);
    }
    settle_assets_clear(settlement->tools, settlement->results, settlement->count, held);
    forget_deleted(settlement, held);
    settlement->count = 0;
    return true;
}

void settlement_label_metrics(void) {
    metrics_label(METRIC_JOBS, end_names, JOB_END_COUNT);
}
