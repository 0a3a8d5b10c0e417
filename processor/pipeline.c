#include "processor/pipeline.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "processor/storable.h"

#include <string.h>

enum { OUTAGE_DELAY_MIN_MS = 1000, OUTAGE_DELAY_MAX_MS = 5000, WAIT_MIN_MS = 100, WAIT_MAX_MS = 500 };

int64_t pipeline_outage_delay_ms(uint64_t random) {
    return OUTAGE_DELAY_MIN_MS + (int64_t)(random % (OUTAGE_DELAY_MAX_MS - OUTAGE_DELAY_MIN_MS + 1));
}

static void reject(struct file_outcome *outcome, enum error_code code) {
    outcome->event = FILE_REJECT;
    outcome->error.code = code;
}

static void postpone(struct file_outcome *outcome, int64_t delay_ms, bool attempt_spent) {
    outcome->event = FILE_POSTPONE;
    outcome->delay_ms = delay_ms;
    outcome->attempt_spent = attempt_spent;
}

void pipeline_decide(const struct retry_policy *policy, int attempts, enum step_result result, const struct error *err,
                     uint64_t random, struct file_outcome *outcome) {
    outcome->event = FILE_FINISH;
    outcome->delay_ms = 0;
    outcome->attempt_spent = true;
    outcome->error = (struct error){0};
    if (result == STEP_DONE || result == STEP_END) {
        return;
    }
    if (result == STEP_WAIT) {
        postpone(outcome, WAIT_MIN_MS + (int64_t)(random % (WAIT_MAX_MS - WAIT_MIN_MS + 1)), false);
        return;
    }
    outcome->error = *err;
    if (result == STEP_REJECT) {
        reject(outcome, err->code);
    } else if (error_disposition(err) == OUTAGE) {
        postpone(outcome, pipeline_outage_delay_ms(random), false);
    } else if (attempts >= policy->max_attempts) {
        reject(outcome, ERROR_ATTEMPTS_EXHAUSTED);
    } else {
        unsigned failures_before = attempts > 0 ? (unsigned)attempts - 1 : 0;
        postpone(outcome, backoff_ms(failures_before, policy->base_ms, policy->max_ms, random), true);
    }
}

static enum step_result run_steps(struct work *work, int64_t ret_step_us[STEP_COUNT], struct error *err) {
    enum step_result result = STEP_DONE;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        ret_step_us[i] = -1;
    }
    for (size_t i = 0; i < STEP_COUNT && result == STEP_DONE; i++) {
        if (steps[i].applies != NULL && !steps[i].applies(work)) {
            continue;
        }
        int64_t started_us = clock_monotonic_us();
        result = steps[i].run(work, err);
        ret_step_us[i] = clock_monotonic_us() - started_us;
        metrics_observe_us(METRIC_STEP_DURATION, i, ret_step_us[i]);
    }
    return result;
}

static const char *text_or_null(const char *text) {
    return *text == '\0' ? NULL : text;
}

static void take_findings(const struct work *work, struct job_result *result) {
    snprintf(result->etag, sizeof result->etag, "%s", work->etag);
    snprintf(result->detected_type, sizeof result->detected_type, "%s",
             work->detected_type == NULL ? "" : work->detected_type);
    struct file_outcome *outcome = &result->outcome;
    outcome->size = work->size;
    outcome->has_sha256 = work->has_sha256;
    memcpy(outcome->sha256, work->sha256, SHA256_SIZE);
    outcome->etag = text_or_null(result->etag);
    outcome->detected_type = text_or_null(result->detected_type);
}

void pipeline_run(struct step_tools *tools, const struct retry_policy *policy, const struct file_job *job,
                  struct job_result *ret_result) {
    *ret_result = (struct job_result){.outcome = {.job = job}, .started_us = clock_monotonic_us()};
    struct work work = {
        .job = job, .tools = tools, .holder = ret_result->holder, .size = -1, .result = &ret_result->picture};
    struct error err = {0};
    enum step_result result = run_steps(&work, ret_result->step_us, &err);
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    take_findings(&work, ret_result);
    pipeline_decide(policy, job->attempts, result, &err, random, &ret_result->outcome);
    if (result == STEP_DONE) {
        ret_result->outcome.error = work.flaw;
    }
    make_storable(ret_result->outcome.error.message);
}

void pipeline_give_back(const struct file_job *job, const struct error *reason, int64_t delay_ms,
                        struct job_result *ret_result) {
    *ret_result =
        (struct job_result){.outcome = {.job = job, .size = -1, .error = *reason}, .started_us = clock_monotonic_us()};
    postpone(&ret_result->outcome, delay_ms, false);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        ret_result->step_us[i] = -1;
    }
    make_storable(ret_result->outcome.error.message);
}

void pipeline_label_metrics(void) {
    static const char *step_names[STEP_COUNT];
    static const char *code_names[ERROR_CODE_COUNT];
    for (size_t i = 0; i < STEP_COUNT; i++) {
        step_names[i] = steps[i].name;
    }
    for (size_t i = 0; i < ERROR_CODE_COUNT; i++) {
        code_names[i] = error_info((enum error_code)i)->name;
    }
    static const char *const claim_names[] = {
        [ASSET_OWN] = "first", [ASSET_DUPLICATE] = "duplicate", [ASSET_BUSY] = "waits"};
    metrics_label(METRIC_ASSET_CLAIMS, claim_names, sizeof claim_names / sizeof claim_names[0]);
    metrics_label(METRIC_STEP_DURATION, step_names, STEP_COUNT);
    metrics_label(METRIC_FAILURES, code_names, ERROR_CODE_COUNT);
}
