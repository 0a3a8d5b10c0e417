#include "common/file_state.h"

#include "common/encode.h"
#include "common/file_state_private.h"
#include "common/xalloc.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned from; /* mask of enum file_status */
    enum file_status to;
    const char *topic;
    const char *meaning;
} event_table[FILE_EVENT_COUNT] = {
#define FILE_EVENT(name, from, to, topic, meaning) {#name, from, to, topic, meaning},
#include "common/file_state.def"
#undef FILE_EVENT
};

static const struct {
    enum file_status status;
    const char *name;
} status_table[] = {
    {PENDING, "PENDING"}, {UPLOADED, "UPLOADED"}, {SYNCING, "SYNCING"}, {SYNCED, "SYNCED"},
    {FAILED, "FAILED"},   {EXPIRED, "EXPIRED"},   {GONE, "GONE"},
};

enum { STATUS_COUNT = sizeof status_table / sizeof status_table[0] };

const char *file_status_name(enum file_status status) {
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (status_table[i].status == status) {
            return status_table[i].name;
        }
    }
    return NULL;
}

enum file_status file_status_of(const char *name) {
    for (size_t i = 0; i < STATUS_COUNT && name != NULL; i++) {
        if (status_table[i].status != GONE && strcmp(status_table[i].name, name) == 0) {
            return status_table[i].status;
        }
    }
    return (enum file_status)0;
}

enum file_status file_state_next(enum file_status status, enum file_event event) {
    return (event_table[event].from & status) != 0 ? event_table[event].to : (enum file_status)0;
}

bool file_status_is_final(enum file_status status) {
    return status == SYNCED || status == FAILED || status == EXPIRED;
}

void file_state_add_event(struct db_params *params, enum file_event event) {
    db_array_start(params);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if ((event_table[event].from & status_table[i].status) != 0) {
            db_array_add_text(params, status_table[i].name);
        }
    }
    db_array_end(params);
    db_param_text(params, file_status_name(event_table[event].to));
    db_param_text(params, event_table[event].topic);
}

void file_state_add_size(struct db_params *params, int64_t size) {
    if (size < 0) {
        db_array_add_text(params, NULL);
    } else {
        db_array_add_int(params, size);
    }
}

/* Runs a statement that returns a row when the change happened. */
static bool run_change(struct db *db, enum sql_statement statement, const struct db_params *params, bool *ret_changed,
                       struct error *err) {
    if (!db_finds(db, statement, params, ret_changed, err)) {
        return false;
    }
    if (*ret_changed) {
        db_announce(db);
    }
    return true;
}

bool file_state_expire(struct db *db, const char *file_id, bool *ret_changed, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_EXPIRE);
    db_param_text(&params, file_id);
    return run_change(db, SQL_FILE_EXPIRE, &params, ret_changed, err);
}

static void job_clear(struct file_job *job) {
    free(job->owner_id);
    free(job->kind);
    free(job->filename);
    free(job->content_type);
    free(job->bucket);
    free(job->object_key);
    free(job->previous_code);
    free(job->staged_key);
}

void file_jobs_free(struct file_jobs *jobs) {
    for (size_t i = 0; i < jobs->count; i++) {
        job_clear(&jobs->items[i]);
    }
    free(jobs->items);
    *jobs = (struct file_jobs){0};
}

/* The columns of SQL_JOB (sql.def), from `column` on. */
static void read_job(const struct db_result *result, size_t row, size_t column, struct file_job *job) {
    job->queue_id = db_int(result, row, column);
    snprintf(job->lease_token, sizeof job->lease_token, "%s", db_text(result, row, column + 1));
    job->attempts = (int)db_int(result, row, column + 2);
    snprintf(job->file_id, sizeof job->file_id, "%s", db_text(result, row, column + 3));
    job->owner_id = xstrdup(db_text(result, row, column + 4));
    job->kind = xstrdup(db_text(result, row, column + 5));
    job->filename = xstrdup(db_text(result, row, column + 6));
    job->content_type = xstrdup(db_text(result, row, column + 7));
    job->bucket = xstrdup(db_text(result, row, column + 8));
    job->object_key = xstrdup(db_text(result, row, column + 9));
    job->size = db_int(result, row, column + 10);
    job->expected_size = db_int(result, row, column + 11);
    const char *sha256 = db_text(result, row, column + 12);
    job->previous_code = xstrdup(db_text(result, row, column + 13));
    job->staged_key = xstrdup(db_text(result, row, column + 14));
    job->has_expected_sha256 = sha256 != NULL && decode_hex(sha256, job->expected_sha256, SHA256_SIZE);
}

void file_jobs_add(struct file_jobs *jobs, const struct db_result *result, size_t row, size_t column) {
    jobs->items = xrealloc(jobs->items, (jobs->count + 1) * sizeof *jobs->items);
    struct file_job *job = &jobs->items[jobs->count++];
    *job = (struct file_job){0};
    read_job(result, row, column, job);
}

bool file_state_claim(struct db *db, const struct file_claim *claim, struct file_jobs *ret_jobs, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_CLAIM);
    db_param_text(&params, claim->worker);
    db_param_int(&params, claim->lease_s);
    db_param_int(&params, (int64_t)claim->max_jobs);
    db_param_int(&params, claim->max_bytes);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_FILE_CLAIM, &params, &result, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(result); row++) {
        file_jobs_add(ret_jobs, result, row, 0);
    }
    return true;
}

/* The queue row's status after each outcome. */
static const char *queue_status(enum file_event event) {
    return event == FILE_FINISH ? "completed" : event == FILE_REJECT ? "failed" : "pending";
}

/* The columns of FILE_SETTLE, $1 to $13, each filled for one outcome. */
static void add_queue_id(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_int(params, outcome->job->queue_id);
}

static void add_token(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, outcome->job->lease_token);
}

static void add_from(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, file_status_name((enum file_status)event_table[outcome->event].from));
}

static void add_to(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, file_status_name(event_table[outcome->event].to));
}

static void add_topic(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, event_table[outcome->event].topic);
}

static void add_queue_status(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, queue_status(outcome->event));
}

static void add_outcome_size(struct db_params *params, const struct file_outcome *outcome) {
    file_state_add_size(params, outcome->size);
}

static void add_sha256(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_bytes(params, outcome->has_sha256 ? outcome->sha256 : NULL, SHA256_SIZE);
}

static void add_detected_type(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, outcome->detected_type);
}

static void add_etag(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, outcome->etag);
}

static void add_error_code(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, outcome->error.code == ERROR_NONE ? NULL : error_name(&outcome->error));
}

static void add_error_message(struct db_params *params, const struct file_outcome *outcome) {
    db_array_add_text(params, outcome->error.code == ERROR_NONE ? NULL : outcome->error.message);
}

static void add_delay(struct db_params *params, const struct file_outcome *outcome) {
    bool give_back = outcome->event == FILE_POSTPONE && !outcome->attempt_spent;
    db_array_add_int(params, give_back ? -1 - outcome->delay_ms : outcome->delay_ms);
}

bool file_state_settle(struct db *db, const struct file_outcome *outcomes, size_t count, bool *ret_held,
                       struct error *err) {
    static void (*const columns[])(struct db_params *, const struct file_outcome *) = {
        add_queue_id,     add_token,  add_from,          add_to,   add_topic,      add_queue_status,
        add_outcome_size, add_sha256, add_detected_type, add_etag, add_error_code, add_error_message,
        add_delay,
    };
    _cleanup_(db_params_free) struct db_params params = {0};
    for (size_t column = 0; column < sizeof columns / sizeof columns[0]; column++) {
        db_array_start(&params);
        for (size_t i = 0; i < count; i++) {
            columns[column](&params, &outcomes[i]);
        }
        db_array_end(&params);
    }
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_FILE_SETTLE, &params, &result, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret_held[i] = false;
        for (size_t row = 0; row < db_rows(result) && !ret_held[i]; row++) {
            ret_held[i] = db_int(result, row, 0) == outcomes[i].job->queue_id;
        }
    }
    if (db_rows(result) > 0) {
        db_announce(db);
    }
    return true;
}

bool file_state_extend(struct db *db, const char *const *workers, size_t count, int64_t lease_s, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&params, workers[i]);
    }
    db_array_end(&params);
    db_param_int(&params, lease_s);
    return db_execute(db, SQL_QUEUE_EXTEND, &params, err);
}

bool file_state_release(struct db *db, const char *dead_worker, int64_t max_attempts, int64_t *ret_released,
                        struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_POSTPONE);
    db_param_text(&params, dead_worker);
    db_param_int(&params, max_attempts);
    db_param_text(&params, file_status_name(event_table[FILE_REJECT].to));
    db_param_text(&params, event_table[FILE_REJECT].topic);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_FILE_RELEASE, &params, &result, err)) {
        return false;
    }
    *ret_released = db_int(result, 0, 0);
    if (*ret_released > 0) {
        db_announce(db);
    }
    return true;
}

bool file_state_retry(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_RETRY);
    db_param_text(&params, file_id);
    db_param_text(&params, owner_id);
    return run_change(db, SQL_FILE_RETRY, &params, ret_changed, err);
}

bool file_state_renew(struct db *db, const char *owner_id, const char *file_id, int64_t ttl_s, bool *ret_changed,
                      struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_RENEW);
    db_param_text(&params, file_id);
    db_param_text(&params, owner_id);
    db_param_int(&params, ttl_s);
    return run_change(db, SQL_FILE_RENEW, &params, ret_changed, err);
}

bool file_state_delete_within(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed,
                              struct error *err) {
    _cleanup_(db_params_free) struct db_params queue_params = {0};
    db_param_text(&queue_params, file_id);
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_DELETE);
    db_param_text(&params, file_id);
    db_param_text(&params, owner_id);
    return db_execute(db, SQL_QUEUE_DELETE, &queue_params, err) &&
           run_change(db, SQL_FILE_DELETE, &params, ret_changed, err);
}

bool file_state_delete(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed, struct error *err) {
    if (!db_begin(db, err)) {
        return false;
    }
    /* An owner who is wrong must not lose another's work: the transaction is undone when no record went. */
    if (!file_state_delete_within(db, owner_id, file_id, ret_changed, err)) {
        db_rollback(db);
        return false;
    }
    if (!*ret_changed) {
        db_rollback(db);
        return true;
    }
    return db_commit(db, err);
}

void file_state_dump(FILE *out) {
    fputs("# States of a file\n\n| event | from | to | announced as | when |\n| --- | --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < FILE_EVENT_COUNT; i++) {
        fprintf(out, "| %s |", event_table[i].name);
        for (size_t k = 0; k < STATUS_COUNT; k++) {
            if ((event_table[i].from & status_table[k].status) != 0) {
                fprintf(out, " %s", status_table[k].name);
            }
        }
        fprintf(out, " | %s | %s | %s |\n", file_status_name(event_table[i].to), event_table[i].topic,
                event_table[i].meaning);
    }
}
