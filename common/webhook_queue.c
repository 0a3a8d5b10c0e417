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

typedef void add_to_array(struct db_params *params, const struct webhook_attempt *attempt);

static void add_id(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->job->id);
}

static void add_token(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->job->lease_token);
}

static void add_status(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->outcome.status);
}

static void add_delay(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_int(params, attempt->outcome.delay_ms);
}

static void add_http_status(struct db_params *params, const struct webhook_attempt *attempt) {
    if (attempt->outcome.http_status > 0) {
        db_array_add_int(params, attempt->outcome.http_status);
    } else {
        db_array_add_text(params, NULL);
    }
}

static void add_error(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->outcome.error);
}

static void add_response(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->outcome.response);
}

static void add_pause(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_int(params, attempt->outcome.pause_ms);
}

static void add_is_gone(struct db_params *params, const struct webhook_attempt *attempt) {
    db_array_add_text(params, attempt->outcome.is_gone ? "true" : "false");
}

static void read_settled(const struct db_result *rows, size_t row, struct webhook_attempt *attempt) {
    attempt->settled = (struct webhook_settled){.is_held = row < db_rows(rows) && !db_is_null(rows, row, 0)};
    if (attempt->settled.is_held) {
        const char *reason = db_text(rows, row, 1);
        attempt->settled.lag_us = db_int(rows, row, 0);
        snprintf(attempt->settled.disabled, sizeof attempt->settled.disabled, "%s", reason == NULL ? "" : reason);
    }
}

bool webhook_queue_settle(struct db *db, int64_t disable_after_s, struct webhook_attempt *attempts, size_t count,
                          struct error *err) {
    static add_to_array *const columns[] = {add_id,    add_token,    add_status, add_delay,  add_http_status,
                                            add_error, add_response, add_pause,  add_is_gone};
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    for (size_t column = 0; column < sizeof columns / sizeof columns[0]; column++) {
        db_array_start(&params);
        for (size_t i = 0; i < count; i++) {
            columns[column](&params, &attempts[i]);
        }
        db_array_end(&params);
    }
    db_param_int(&params, disable_after_s);
    if (!db_run(db, SQL_WEBHOOK_SETTLE, &params, &rows, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        read_settled(rows, i, &attempts[i]);
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
