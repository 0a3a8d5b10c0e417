#include "common/webhook_queue.h"

#include "common/webhook_store.h"
#include "common/xalloc.h"

/* Columns of WEBHOOK_CLAIM. */
enum {
    JOB_ID,
    JOB_TOKEN,
    JOB_ENDPOINT,
    JOB_EVENT,
    JOB_TOPIC,
    JOB_BODY,
    JOB_ATTEMPTS,
    JOB_AGE,
    JOB_URL,
    JOB_SECRET,
    JOB_OLD_SECRET,
    JOB_FAILURES,
    JOB_FILE,
};

static bool read_on(struct db *db, size_t limit, size_t *ret_read, size_t *ret_made, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *lock = NULL;
    _cleanup_(db_result_freep) struct db_result *read = NULL;
    _cleanup_(db_params_free) struct db_params params = {0};
    *ret_read = 0;
    *ret_made = 0;
    if (!db_run(db, SQL_WEBHOOK_READER_LOCK, NULL, &lock, err)) {
        return false;
    }
    if (db_rows(lock) == 0) {
        return true;
    }
    db_param_int(&params, (int64_t)limit);
    webhook_param_titles(&params);
    if (!db_run(db, SQL_WEBHOOK_READ_ON, &params, &read, err)) {
        return false;
    }
    *ret_read = (size_t)db_int(read, 0, 0);
    *ret_made = (size_t)db_int(read, 0, 1);
    return true;
}

bool webhook_queue_read_on(struct db *db, size_t limit, size_t *ret_read, size_t *ret_made, struct error *err) {
    size_t read = 0;
    size_t made = 0;
    if (!db_begin(db, err)) {
        return false;
    }
    if (!read_on(db, limit, &read, &made, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err)) {
        return false;
    }
    *ret_read = read;
    *ret_made = made;
    return true;
}

void webhook_job_free(struct webhook_job *job) {
    free(job->event_id);
    free(job->topic);
    free(job->body);
    free(job->url);
    free(job->secret);
    free(job->old_secret);
    free(job->file_id);
    *job = (struct webhook_job){0};
}

static void read_job(const struct db_result *rows, size_t row, struct webhook_job *job) {
    *job = (struct webhook_job){
        .event_id = xstrdup(db_text(rows, row, JOB_EVENT)),
        .topic = xstrdup(db_text(rows, row, JOB_TOPIC)),
        .body = xstrdup(db_text(rows, row, JOB_BODY)),
        .url = xstrdup(db_text(rows, row, JOB_URL)),
        .secret = xstrdup(db_text(rows, row, JOB_SECRET)),
        .old_secret = xstrdup(db_text(rows, row, JOB_OLD_SECRET)),
        .file_id = xstrdup(db_text(rows, row, JOB_FILE)),
        .attempts = db_int(rows, row, JOB_ATTEMPTS),
        .age_ms = db_int(rows, row, JOB_AGE),
        .failures = db_int(rows, row, JOB_FAILURES),
    };
    snprintf(job->id, ID_TEXT_SIZE, "%s", db_text(rows, row, JOB_ID));
    snprintf(job->lease_token, ID_TEXT_SIZE, "%s", db_text(rows, row, JOB_TOKEN));
    snprintf(job->endpoint_id, ID_TEXT_SIZE, "%s", db_text(rows, row, JOB_ENDPOINT));
}

bool webhook_queue_claim(struct db *db, size_t limit, int64_t per_endpoint, int64_t lease_s,
                         struct webhook_job *ret_jobs, size_t *ret_count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    db_param_int(&params, (int64_t)limit);
    db_param_int(&params, per_endpoint);
    db_param_int(&params, lease_s);
    if (!db_run(db, SQL_WEBHOOK_CLAIM, &params, &rows, err)) {
        return false;
    }
    *ret_count = db_rows(rows) < limit ? db_rows(rows) : limit;
    for (size_t row = 0; row < *ret_count; row++) {
        read_job(rows, row, &ret_jobs[row]);
    }
    return true;
}

static void add_outcome(struct db_params *params, const struct webhook_outcome *outcome) {
    db_param_text(params, outcome->status);
    db_param_int(params, outcome->delay_ms);
    if (outcome->http_status > 0) {
        db_param_int(params, outcome->http_status);
    } else {
        db_param_text(params, NULL);
    }
    db_param_text(params, outcome->error);
    db_param_text(params, outcome->response);
    db_param_int(params, outcome->pause_ms);
    db_param_bool(params, outcome->is_gone);
}

bool webhook_queue_settle(struct db *db, const struct webhook_job *job, const struct webhook_outcome *outcome,
                          int64_t disable_after_s, struct webhook_settled *ret_settled, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, job->id);
    db_param_text(&params, job->lease_token);
    add_outcome(&params, outcome);
    db_param_int(&params, disable_after_s);
    if (!db_run(db, SQL_WEBHOOK_SETTLE, &params, &result, err)) {
        return false;
    }
    *ret_settled = (struct webhook_settled){.is_held = db_rows(result) > 0};
    if (ret_settled->is_held) {
        const char *reason = db_text(result, 0, 1);
        ret_settled->lag_us = db_int(result, 0, 0);
        snprintf(ret_settled->disabled, sizeof ret_settled->disabled, "%s", reason == NULL ? "" : reason);
    }
    return true;
}

bool webhook_queue_count(struct db *db, int64_t *ret_open, int64_t *ret_disabled, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_WEBHOOK_COUNTS, NULL, &result, err)) {
        return false;
    }
    *ret_open = db_int(result, 0, 0);
    *ret_disabled = db_int(result, 0, 1);
    return true;
}
