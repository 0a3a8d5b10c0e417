#include "cli/commands.h"
#include "cli/dead_event.h"
#include "cli/selection.h"
#include "common/db.h"
#include "common/encode.h"
#include "common/event_queue.h"

enum { DEFAULT_LIMIT = 100, LIMIT_MAX = 100000, PAGE_EVENTS = 100, REDIS_TIMEOUT_MS = 5000 };

bool command_dead_list(const struct config *config, const struct options *options, struct error *err) {
    int64_t limit = 0;
    if (!options_int(options, "limit", 1, LIMIT_MAX, DEFAULT_LIMIT, &limit, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, limit);
    db_param_int(&params, options_has(options, "json") ? INT32_MAX : DEAD_EVENT_SHOWN_BYTES);
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    if (!db_run(db, SQL_DEAD_EVENTS_LIST, &params, &rows, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(rows); row++) {
        const struct dead_event event = {.id = db_int(rows, row, 0),
                                         .received_at = db_text(rows, row, 1),
                                         .reason = db_text(rows, row, 2),
                                         .length = db_int(rows, row, 3),
                                         .hex = db_text(rows, row, 4)};
        _cleanup_(buf_free) struct buf line = {0};
        (options_has(options, "json") ? dead_event_json : dead_event_line)(&event, &line);
        puts(buf_text(&line));
    }
    return true;
}

struct replay {
    struct db *db;
    struct redis *redis;
    const char *list;
    size_t done;
};

/* First on the list, then out of the table: an event that comes twice changes nothing, a lost one would. */
static bool replay_row(struct replay *replay, const struct db_result *page, size_t row, struct error *err) {
    _cleanup_(buf_free) struct buf raw = {0};
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, db_int(page, row, 0));
    if (!dead_event_raw(db_text(page, row, 1), &raw)) {
        return error_set(err, ERROR_DATABASE_ERROR, "event %s has no bytes", db_text(page, row, 0));
    }
    if (!event_queue_push(replay->redis, replay->list, buf_text(&raw), raw.length, err) ||
        !db_execute(replay->db, SQL_DEAD_EVENT_DROP, &params, err)) {
        return false;
    }
    printf("replayed %s\n", db_text(page, row, 0));
    replay->done++;
    return true;
}

/* The events after one id and up to another; `after` moves on. */
static bool replay_page(struct replay *replay, int64_t *after, int64_t last, size_t *ret_rows, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, *after);
    db_param_int(&params, last);
    db_param_int(&params, PAGE_EVENTS);
    _cleanup_(db_result_freep) struct db_result *page = NULL;
    if (!db_run(replay->db, SQL_DEAD_EVENTS_PAGE, &params, &page, err)) {
        return false;
    }
    *ret_rows = db_rows(page);
    for (size_t row = 0; row < db_rows(page); row++) {
        *after = db_int(page, row, 0);
        if (!replay_row(replay, page, row, err)) {
            return false;
        }
    }
    return true;
}

/* Those that are there at the start; what dies again gets a later id. */
static bool replay_all(struct replay *replay, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *newest = NULL;
    if (!db_run(replay->db, SQL_DEAD_EVENTS_LAST, NULL, &newest, err)) {
        return false;
    }
    int64_t after = 0;
    size_t rows = PAGE_EVENTS;
    while (rows == PAGE_EVENTS) {
        if (!replay_page(replay, &after, db_int(newest, 0, 0), &rows, err)) {
            return false;
        }
    }
    printf("%zu replayed\n", replay->done);
    return true;
}

static bool replay_named(struct replay *replay, const struct options *options, struct error *err) {
    for (size_t i = 0; i < options->argument_count; i++) {
        int64_t id = 0;
        size_t rows = 0;
        if (!parse_int64(options->arguments[i], 1, INT64_MAX, &id)) {
            return error_set(err, ERROR_CONFIG, "%.60s is not the id of a dead event", options->arguments[i]);
        }
        int64_t after = id - 1;
        if (!replay_page(replay, &after, id, &rows, err)) {
            return false;
        }
        if (rows == 0) {
            return error_set(err, ERROR_NOT_FOUND, "there is no dead event %lld", (long long)id);
        }
    }
    return true;
}

bool command_dead_replay(const struct config *config, const struct options *options, struct error *err) {
    if (!selection_check(options, dead_event_is_id, "a dead event", err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(redis_freep) struct redis *redis = NULL;
    if (!redis_new(config->redis_url, REDIS_TIMEOUT_MS, &redis, err)) {
        return false;
    }
    struct replay replay = {.db = db, .redis = redis, .list = config->events_list};
    return options_has(options, "all") ? replay_all(&replay, err) : replay_named(&replay, options, err);
}
