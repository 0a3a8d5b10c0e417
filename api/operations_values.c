#include "api/operations_values.h"

#include "api/admin_albums.h"
#include "api/admin_format.h"
#include "common/clock.h"
#include "common/encode.h"
#include "common/redis_server.h"
#include "common/xalloc.h"

#include <string.h>

/* How far the statements count. */
enum { QUEUE_MAX = 100000, TROUBLES_MAX = 10000, FILES_MAX = 100000 };

static void set_count(json_t *values, const char *name, int64_t count, int64_t limit) {
    char text[ADMIN_FORMAT_SIZE];
    admin_format_count(count, limit, text);
    json_set_text(values, name, count < 0 ? "?" : text);
}

/* The same, NULL for none: templates leave it out. */
static void set_some(json_t *values, const char *name, int64_t count, int64_t limit) {
    set_count(values, name, count, limit);
    if (count == 0) {
        json_set(values, name, NULL);
    }
}

static void set_bytes(json_t *values, const char *name, int64_t bytes, const char *prefix) {
    char text[ADMIN_FORMAT_SIZE];
    admin_format_bytes(bytes, text);
    _cleanup_(freep) char *whole = xasprintf("%s%s", prefix, text);
    json_set_text(values, name, whole);
}

static void set_duration(json_t *values, const char *name, int64_t seconds) {
    char text[ADMIN_FORMAT_SIZE];
    admin_format_duration(seconds, text);
    json_set_text(values, name, text);
}

static void set_time(json_t *values, const char *name, const char *rfc3339) {
    char text[ADMIN_FORMAT_SIZE];
    admin_format_time(rfc3339, text);
    json_set_text(values, name, text);
}

static void set_queue(json_t *values, const struct operations *operations) {
    set_count(values, "due", db_int(operations->queue, 0, 0), QUEUE_MAX);
    set_count(values, "later", db_int(operations->queue, 0, 1), QUEUE_MAX);
    set_count(values, "processing", db_int(operations->queue, 0, 2), QUEUE_MAX);
    json_set(values, "oldest", NULL);
    if (!db_is_null(operations->queue, 0, 3)) {
        set_duration(values, "oldest", db_int(operations->queue, 0, 3));
    }
    set_count(values, "workers", operations->workers, INT64_MAX);
    set_count(values, "list_length", operations->list_length, INT64_MAX);
}

static void set_throughput(json_t *values, const struct operations *operations) {
    json_t *minutes = json_array();
    int64_t most = 1;
    for (size_t row = 0; row < db_rows(operations->throughput); row++) {
        int64_t done = db_int(operations->throughput, row, 1);
        most = done > most ? done : most;
        json_t *minute = json_object();
        _cleanup_(freep) char *when = xasprintf("%lld min ago", (long long)db_int(operations->throughput, row, 0));
        json_set_text(minute, "when", row == 0 ? "now" : when);
        json_set_int(minute, "done", done);
        json_set_int(minute, "failed", db_int(operations->throughput, row, 2));
        json_array_append_new(minutes, minute);
    }
    json_set(values, "minutes", minutes);
    json_set_int(values, "most", most);
}

static void set_work(json_t *values, const struct operations *operations) {
    json_t *work = json_array();
    for (size_t row = 0; row < db_rows(operations->work); row++) {
        json_t *job = json_object();
        const char *name = db_text(operations->work, row, 4);
        json_set_text(job, "worker", db_text(operations->work, row, 0));
        set_duration(job, "since", db_int(operations->work, row, 1));
        json_set_int(job, "attempt", db_int(operations->work, row, 2));
        json_set_bool(job, "is_again", db_int(operations->work, row, 2) > 1);
        json_set_text(job, "job", name == NULL ? "a file of another owner" : name);
        json_array_append_new(work, job);
    }
    json_set_bool(values, "has_work", json_array_size(work) > 0);
    json_set(values, "work", work);
}

static json_t *failed_values(const struct db_result *failed, size_t row) {
    json_t *file = json_object();
    const char *album_id = db_text(failed, row, 1);
    _cleanup_(freep) char *album_url = xasprintf("/admin/albums/%s", album_id == NULL ? "" : album_id);
    json_set_text(file, "file_id", db_text(failed, row, 0));
    json_set_text(file, "album_url", album_id == NULL ? NULL : album_url);
    json_set_text(file, "name", db_text(failed, row, 2));
    json_set_text(file, "code", db_text(failed, row, 3));
    json_set_text(file, "reason", admin_reason(db_text(failed, row, 3), db_text(failed, row, 4)));
    json_set_int(file, "attempts", db_int(failed, row, 5));
    set_time(file, "when", db_text(failed, row, 6));
    return file;
}

static void set_failed(json_t *values, const struct operations *operations) {
    json_t *failed = json_array();
    for (size_t row = 0; row < db_rows(operations->failed); row++) {
        json_array_append_new(failed, failed_values(operations->failed, row));
    }
    json_set_bool(values, "has_failed", json_array_size(failed) > 0);
    json_set(values, "failed", failed);
    json_set_int(values, "retry_max", OPERATIONS_AT_ONCE);
    set_some(values, "failed_count", db_int(operations->totals, 0, 0), TROUBLES_MAX);
}

static void set_dead(json_t *values, const struct operations *operations) {
    json_t *dead = json_array();
    for (size_t row = 0; row < db_rows(operations->dead); row++) {
        json_t *event = json_object();
        json_set_text(event, "event_id", db_text(operations->dead, row, 0));
        set_time(event, "when", db_text(operations->dead, row, 1));
        json_set_text(event, "reason", db_text(operations->dead, row, 2));
        set_bytes(event, "size", db_int(operations->dead, row, 3), "");
        json_array_append_new(dead, event);
    }
    json_set_bool(values, "has_dead", json_array_size(dead) > 0);
    json_set(values, "dead", dead);
    json_set_int(values, "replay_max", OPERATIONS_AT_ONCE);
    set_some(values, "dead_count", db_int(operations->totals, 0, 1), TROUBLES_MAX);
}

static void set_storage(json_t *values, const struct operations *operations) {
    int64_t files = db_int(operations->totals, 0, 2);
    char count[ADMIN_FORMAT_SIZE];
    admin_format_count(files, FILES_MAX - 1, count);
    _cleanup_(freep) char *text = xasprintf("%s file%s", count, files == 1 ? "" : "s");
    json_set_text(values, "stored_files", text);
    set_bytes(values, "stored_bytes", db_int(operations->totals, 0, 3), files >= FILES_MAX ? "over " : "");
}

static int64_t info_number(const struct operations *operations, const char *name) {
    char value[REDIS_INFO_VALUE_SIZE];
    int64_t number = 0;
    redis_info_value(buf_text(&operations->cache_info), name, value);
    return parse_int64(value, 0, INT64_MAX, &number) ? number : -1;
}

static void set_cache(json_t *values, const struct operations *operations) {
    int64_t used = info_number(operations, "used_memory");
    int64_t limit = info_number(operations, "maxmemory");
    int64_t hits = info_number(operations, "keyspace_hits");
    int64_t misses = info_number(operations, "keyspace_misses");
    json_set_text(values, "cache_used", "?");
    json_set(values, "cache_limit", NULL);
    json_set(values, "cache_hits", NULL);
    if (used >= 0) {
        set_bytes(values, "cache_used", used, "");
    }
    if (limit > 0) {
        set_bytes(values, "cache_limit", limit, "");
    }
    if (hits >= 0 && misses >= 0 && hits + misses > 0) {
        _cleanup_(freep) char *share = xasprintf("%.0f %%", 100 * (double)hits / (double)(hits + misses));
        json_set_text(values, "cache_hits", share);
    }
}

static void set_troubles(json_t *values, const struct operations *operations) {
    json_t *troubles = json_array();
    for (const char *line = buf_text(&operations->troubles); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        json_array_append_new(troubles, json_stringn(line, length));
        line += length + 1;
    }
    json_set(values, "troubles", troubles);
}

json_t *operations_values(const struct operations *operations, int64_t now_ms) {
    json_t *values = json_object();
    char now[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(now_ms, now);
    json_set_text(values, "as_of", now);
    now[19] = '\0'; /* with seconds, which show that it goes on */
    json_set_text(values, "as_of_time", now + 11);
    set_queue(values, operations);
    set_throughput(values, operations);
    set_work(values, operations);
    set_failed(values, operations);
    set_dead(values, operations);
    set_storage(values, operations);
    set_cache(values, operations);
    set_troubles(values, operations);
    return values;
}
