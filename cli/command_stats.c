#include "cli/commands.h"
#include "common/db.h"
#include "common/json.h"
#include "common/redis.h"

#include <inttypes.h>
#include <string.h>

/* Columns of STATS_QUEUE, as JSON and people name them. */
static const struct {
    const char *name;
    const char *meaning;
} queue_columns[] = {
    {"due", "waiting for a worker"},
    {"later", "waiting for their next attempt"},
    {"processing", "with a worker"},
    {"failed", "failed"},
    {"oldest_due_s", "s since the oldest became due"},
};

enum { QUEUE_COLUMNS = sizeof queue_columns / sizeof queue_columns[0] };

struct stats {
    struct db_result *files;       /* STATS_FILES */
    struct db_result *queue;       /* STATS_QUEUE */
    struct db_result *dead_events; /* STATS_DEAD_EVENTS */
    int64_t list_length;
};

static void stats_free(struct stats *stats) {
    db_result_free(stats->files);
    db_result_free(stats->queue);
    db_result_free(stats->dead_events);
}

static bool read_stats(const struct config *config, struct stats *ret_stats, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(redis_freep) struct redis *redis = NULL;
    return db_run(db, SQL_STATS_FILES, NULL, &ret_stats->files, err) &&
           db_run(db, SQL_STATS_QUEUE, NULL, &ret_stats->queue, err) &&
           db_run(db, SQL_STATS_DEAD_EVENTS, NULL, &ret_stats->dead_events, err) &&
           redis_new(config->redis_url, 5000, &redis, err) &&
           redis_list_length(redis, config->events_list, &ret_stats->list_length, err);
}

static void print_json(const struct stats *stats) {
    _cleanup_(json_freep) json_t *all = json_object();
    json_t *files = json_object();
    for (size_t row = 0; row < db_rows(stats->files); row++) {
        json_set_int(files, db_text(stats->files, row, 0), db_int(stats->files, row, 1));
    }
    json_t *queue = json_object();
    for (size_t i = 0; i < QUEUE_COLUMNS; i++) {
        json_set(queue, queue_columns[i].name,
                 db_is_null(stats->queue, 0, i) ? NULL : json_integer(db_int(stats->queue, 0, i)));
    }
    json_t *dead = json_object();
    json_set_int(dead, "count", db_int(stats->dead_events, 0, 0));
    json_set_text(dead, "newest_at", db_text(stats->dead_events, 0, 1));
    json_set(all, "files", files);
    json_set(all, "queue", queue);
    json_set(all, "dead_events", dead);
    json_set_int(all, "event_list_length", stats->list_length);
    _cleanup_(freep) char *text = json_to_text(all);
    puts(text);
}

static void print_text(const struct stats *stats, const char *list) {
    puts("files");
    for (size_t row = 0; row < db_rows(stats->files); row++) {
        printf("  %10" PRId64 "  %s\n", db_int(stats->files, row, 1), db_text(stats->files, row, 0));
    }
    puts("queue");
    for (size_t i = 0; i < QUEUE_COLUMNS; i++) {
        if (!db_is_null(stats->queue, 0, i)) {
            printf("  %10" PRId64 "  %s\n", db_int(stats->queue, 0, i), queue_columns[i].meaning);
        }
    }
    puts("events");
    printf("  %10" PRId64 "  on the list %s\n", stats->list_length, list);
    const char *newest = db_text(stats->dead_events, 0, 1);
    printf("  %10" PRId64 "  dead%s%s\n", db_int(stats->dead_events, 0, 0), newest != NULL ? ", the newest of " : "",
           newest != NULL ? newest : "");
}

bool command_stats(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(stats_free) struct stats stats = {0};
    if (!read_stats(config, &stats, err)) {
        return false;
    }
    if (options_has(options, "json")) {
        print_json(&stats);
    } else {
        print_text(&stats, config->events_list);
    }
    return true;
}
