#include "cli/commands.h"
#include "cli/selection.h"
#include "common/event_queue.h"
#include "common/file_state.h"

enum { PAGE_FILES = 500, REDIS_TIMEOUT_MS = 5000 };

struct requeue {
    struct db *db;
    size_t done, refused;
};

static bool requeue_one(struct requeue *requeue, const char *file_id, struct error *err) {
    bool is_changed = false;
    if (!file_state_retry(requeue->db, NULL, file_id, &is_changed, err)) {
        return false;
    }
    printf("%s %s\n", is_changed ? "requeued  " : "not FAILED", file_id);
    requeue->done += is_changed ? 1 : 0;
    requeue->refused += is_changed ? 0 : 1;
    return true;
}

static bool database_now(struct db *db, int64_t *ret_ms, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *now = NULL;
    if (!db_run(db, SQL_DATABASE_CLOCK, NULL, &now, err)) {
        return false;
    }
    *ret_ms = db_int(now, 0, 0);
    return true;
}

/* One page of those that failed before the start, which are older than what fails again meanwhile. `after` is the last id
 * of the page before, and then of this one. */
static bool requeue_page(struct requeue *requeue, const char *code, int64_t until_ms, char after[ID_TEXT_SIZE],
                         size_t *ret_files, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, code);
    db_param_text(&params, *after != '\0' ? after : NULL);
    db_param_int(&params, until_ms);
    db_param_int(&params, PAGE_FILES);
    _cleanup_(db_result_freep) struct db_result *page = NULL;
    if (!db_run(requeue->db, SQL_FAILED_PAGE, &params, &page, err)) {
        return false;
    }
    *ret_files = db_rows(page);
    for (size_t row = 0; row < db_rows(page); row++) {
        snprintf(after, ID_TEXT_SIZE, "%s", db_text(page, row, 0));
        if (!requeue_one(requeue, after, err)) {
            return false;
        }
    }
    return true;
}

static bool requeue_all(struct requeue *requeue, const char *code, struct error *err) {
    int64_t until_ms = 0;
    if (!database_now(requeue->db, &until_ms, err)) {
        return false;
    }
    char after[ID_TEXT_SIZE] = "";
    size_t files = PAGE_FILES;
    while (files == PAGE_FILES) {
        if (!requeue_page(requeue, code, until_ms, after, &files, err)) {
            return false;
        }
    }
    requeue->refused = 0; /* somebody else was faster */
    return true;
}

static bool requeue_named(struct requeue *requeue, const struct options *options, struct error *err) {
    for (size_t i = 0; i < options->argument_count; i++) {
        if (!requeue_one(requeue, options->arguments[i], err)) {
            return false;
        }
    }
    return true;
}

/* Without it the workers look by themselves, a little later. */
static void wake(const struct config *config) {
    struct error err = {0};
    _cleanup_(redis_freep) struct redis *redis = NULL;
    if (!redis_new(config->redis_url, REDIS_TIMEOUT_MS, &redis, &err) ||
        !event_queue_wake(redis, config->events_list, &err)) {
        fprintf(stderr, "%s: the workers could not be woken (%s); they look by themselves\n", PROGRAM_NAME,
                err.message);
    }
}

bool command_requeue(const struct config *config, const struct options *options, struct error *err) {
    const char *code = options_value(options, "code");
    if (!selection_check(options, id_valid, "a file", err)) {
        return false;
    }
    if (code != NULL && !options_has(options, "all")) {
        return error_set(err, ERROR_CONFIG, "--code goes with --all");
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    struct requeue requeue = {.db = db};
    bool good = options_has(options, "all") ? requeue_all(&requeue, code, err) : requeue_named(&requeue, options, err);
    if (requeue.done > 0) {
        wake(config);
    }
    if (!good) {
        return false;
    }
    if (options_has(options, "all")) {
        printf("%zu requeued\n", requeue.done);
    }
    return requeue.refused == 0 || error_set(err, ERROR_CONFLICT, "%zu of %zu %s not FAILED", requeue.refused,
                                             options->argument_count, requeue.refused == 1 ? "is" : "are");
}
