#include "processor/sweeper.h"

#include "common/daemon.h"
#include "common/event_queue.h"
#include "common/file_state.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/s3_bucket.h"
#include "common/sweep_lock.h"
#include "common/sweep_look.h"
#include "common/sweep_staging.h"
#include "common/sweep_uploads.h"
#include "common/xalloc.h"

enum {
    PAGE_FILES = 500,
    UPLOAD_GRACE_MS = 60 * 1000,
    LONGEST_WAIT_S = 3600,
    MS_PER_S = 1000,
    STAGING_PAGES = 5, /* a sweep, of 1,000 objects */
};

enum sweep_result { SWEEP_FOUND, SWEEP_EXPIRED, SWEEP_WAITING, SWEEP_UNKNOWN, SWEEP_ABORTED, SWEEP_RESULT_COUNT };
static const char *const result_names[SWEEP_RESULT_COUNT] = {"found", "expired", "waiting", "unknown", "aborted"};

struct sweeper {
    struct sweeper_policy policy;
    const struct config *config;
    struct db *db;
    struct redis *redis;
    struct s3_client *store;
    struct sweep_staging staging;
};

/* A page of files and what is to be written of those that were looked at. */
struct page {
    struct db_result *rows;
    struct file_arrival arrivals[PAGE_FILES];
    struct s3_object objects[PAGE_FILES]; /* texts of the arrivals */
    size_t arrival_count;
    const char *later[PAGE_FILES];
    int64_t later_s[PAGE_FILES];
    size_t later_count;
};

static void page_free(struct page *page) {
    if (page != NULL) {
        db_result_free(page->rows);
        free(page);
    }
}
DEFINE_CLEANUP(struct page *, page)

bool sweeper_is_over(const struct sweeper_policy *policy, const struct sweeper_file *file) {
    return file->now_ms >= file->created_ms + policy->pending_ttl_s * MS_PER_S;
}

static int64_t smaller(int64_t left, int64_t right) {
    return left < right ? left : right;
}

int64_t sweeper_next_look_s(const struct sweeper_policy *policy, const struct sweeper_file *file) {
    int64_t age_s = (file->now_ms - file->created_ms) / MS_PER_S;
    int64_t wait_s = policy->interval_s;
    if (file->now_ms > file->expires_ms + UPLOAD_GRACE_MS && age_s > wait_s) {
        wait_s = smaller(age_s, LONGEST_WAIT_S);
    }
    int64_t left_s = policy->pending_ttl_s - age_s;
    return left_s > 0 ? smaller(wait_s, left_s) : wait_s;
}

static void note_unstaged(void *context, const char *key) {
    (void)context;
    metrics_increment(METRIC_STAGED_REMOVED, 0);
    log_info("staged_removed", log_text("key", key));
}

struct sweeper *sweeper_new(const struct config *config, struct db *db, struct redis *redis, struct s3_client *store) {
    struct sweeper *sweeper = xcalloc(1, sizeof *sweeper);
    *sweeper = (struct sweeper){
        .policy = {.interval_s = config->sweep_interval_s, .pending_ttl_s = config->pending_ttl_s},
        .config = config,
        .db = db,
        .redis = redis,
        .store = store,
        .staging = {.db = db,
                    .store = store,
                    .bucket = config->s3_bucket,
                    .age_s = config->pending_ttl_s,
                    .removed = note_unstaged},
    };
    return sweeper;
}

void sweeper_free(struct sweeper *sweeper) {
    if (sweeper != NULL) {
        sweep_staging_free(&sweeper->staging);
        free(sweeper);
    }
}

static void count(enum sweep_result result) {
    metrics_increment(METRIC_SWEPT, result);
}

static void look_later(struct page *page, const char *file_id, int64_t wait_s) {
    page->later[page->later_count] = file_id;
    page->later_s[page->later_count++] = wait_s;
}

static void found(struct sweeper *sweeper, struct page *page, const char *key) {
    const struct s3_object *object = &page->objects[page->arrival_count];
    page->arrivals[page->arrival_count++] = sweep_arrival(sweeper->config->s3_bucket, key, object);
    count(SWEEP_FOUND);
}

static bool missing(struct sweeper *sweeper, struct page *page, const char *file_id, const struct sweeper_file *file,
                    struct error *err) {
    if (!sweeper_is_over(&sweeper->policy, file)) {
        look_later(page, file_id, sweeper_next_look_s(&sweeper->policy, file));
        count(SWEEP_WAITING);
        return true;
    }
    bool is_changed = false;
    if (!file_state_expire(sweeper->db, file_id, &is_changed, err)) {
        return false;
    }
    if (is_changed) {
        count(SWEEP_EXPIRED);
        log_info("file_expired", log_text("file_id", file_id));
    }
    return true;
}

static void note_refused(const char *file_id, const struct error *problem) {
    count(SWEEP_UNKNOWN);
    log_warn("sweep_unknown", log_text("file_id", file_id), log_code(problem), log_message(problem));
}

static bool look_at(struct sweeper *sweeper, struct page *page, size_t row, struct error *err) {
    const char *file_id = db_text(page->rows, row, 0);
    const char *key = db_text(page->rows, row, 1);
    const struct sweeper_file file = {db_int(page->rows, row, 2), db_int(page->rows, row, 3),
                                      db_int(page->rows, row, 4)};
    struct error problem = {0};
    enum sweep_sight sight = SWEEP_UNCLEAR;
    if (!sweep_look(sweeper->store, key, sweeper_is_over(&sweeper->policy, &file), &sight,
                    &page->objects[page->arrival_count], &problem, err)) {
        return false;
    }
    if (sight == SWEEP_SEEN) {
        found(sweeper, page, key);
    } else if (sight == SWEEP_MISSING) {
        return missing(sweeper, page, file_id, &file, err);
    } else {
        look_later(page, file_id, sweeper->policy.interval_s);
        note_refused(file_id, &problem);
    }
    return true;
}

static bool write_arrivals(struct sweeper *sweeper, const struct page *page, struct error *err) {
    enum file_arrival_effect effects[PAGE_FILES];
    if (page->arrival_count == 0) {
        return true;
    }
    if (!file_state_arrive(sweeper->db, page->arrivals, page->arrival_count, effects, err)) {
        return false;
    }
    struct error ignored; /* workers look for work by themselves, too */
    (void)!event_queue_wake(sweeper->redis, sweeper->config->events_list, &ignored);
    return true;
}

static bool write_later(struct sweeper *sweeper, const struct page *page, struct error *err) {
    if (page->later_count == 0) {
        return true;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    for (size_t i = 0; i < page->later_count; i++) {
        db_array_add_text(&params, page->later[i]);
    }
    db_array_end(&params);
    db_array_start(&params);
    for (size_t i = 0; i < page->later_count; i++) {
        db_array_add_int(&params, page->later_s[i]);
    }
    db_array_end(&params);
    return db_execute(sweeper->db, SQL_SWEEP_LATER, &params, err);
}

static bool read_page(struct sweeper *sweeper, struct page *page, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, sweeper->config->s3_bucket);
    db_param_int(&params, PAGE_FILES);
    return db_run(sweeper->db, SQL_SWEEP_PAGE, &params, &page->rows, err);
}

/* What was looked at is written even if the store went down half-way. */
static bool sweep_page(struct sweeper *sweeper, size_t *ret_files, struct error *err) {
    _cleanup_(page_freep) struct page *page = xcalloc(1, sizeof *page);
    if (!read_page(sweeper, page, err)) {
        return false;
    }
    bool is_good = true;
    for (size_t row = 0; row < db_rows(page->rows) && is_good && !daemon_stopping(); row++) {
        is_good = look_at(sweeper, page, row, err);
    }
    *ret_files = db_rows(page->rows);
    struct error *write_error = is_good ? err : &(struct error){0};
    bool is_written = write_arrivals(sweeper, page, write_error) && write_later(sweeper, page, write_error);
    return is_good && is_written;
}

/* Every file of a page moves on, so that the next page holds others. */
static bool sweep_pages(struct sweeper *sweeper, struct error *err) {
    size_t files = PAGE_FILES;
    while (files == PAGE_FILES && !daemon_stopping()) {
        if (!sweep_page(sweeper, &files, err)) {
            return false;
        }
    }
    return true;
}

static void note_aborted(void *context, const char *file_id, const char *key, size_t parts) {
    (void)context;
    (void)key;
    count(SWEEP_ABORTED);
    log_info("upload_aborted", log_text("file_id", file_id), log_int("parts", (int64_t)parts));
}

static void note_upload_refused(void *context, const char *file_id, const struct error *problem) {
    (void)context;
    note_refused(file_id, problem);
}

static bool sweep_multiparts(struct sweeper *sweeper, struct error *err) {
    struct sweep_uploads uploads = {
        .db = sweeper->db,
        .store = sweeper->store,
        .bucket = sweeper->config->s3_bucket,
        .age_s = sweeper->policy.pending_ttl_s,
        .ended = note_aborted,
        .refused = note_upload_refused,
    };
    bool has_more = true;
    while (has_more && !daemon_stopping()) {
        if (!sweep_uploads_page(&uploads, &has_more, err)) {
            return false;
        }
    }
    return true;
}

/* A little at each sweep, and on from there at the next. */
static bool sweep_staged(struct sweeper *sweeper, struct error *err) {
    bool has_more = true;
    for (int page = 0; page < STAGING_PAGES && has_more && !daemon_stopping(); page++) {
        if (!sweep_staging_page(&sweeper->staging, &has_more, err)) {
            return false;
        }
    }
    return true;
}

bool sweeper_run(struct sweeper *sweeper, struct error *err) {
    bool is_locked = false;
    if (!sweep_lock_try(sweeper->db, &is_locked, err)) {
        return false;
    }
    if (!is_locked) {
        return true;
    }
    bool is_good = s3_bucket_require(sweeper->store, err) && sweep_pages(sweeper, err) &&
                   sweep_multiparts(sweeper, err) && sweep_staged(sweeper, err);
    sweep_lock_give(sweeper->db);
    return is_good;
}

void sweeper_label_metrics(void) {
    metrics_label(METRIC_SWEPT, result_names, SWEEP_RESULT_COUNT);
}
