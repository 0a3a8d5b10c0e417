#include "processor/upkeep.h"

#include "common/db.h"
#include "common/event_queue.h"
#include "common/file_state.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/redis.h"
#include "common/xalloc.h"
#include "processor/children.h"
#include "processor/connections.h"
#include "processor/dependency.h"

enum {
    TIMEOUT_MS = 2000, /* of Redis; the children are not supervised meanwhile */
    STATEMENT_TIMEOUT_MS = 5000,
    DEAD_MAX = 64,     /* more than this wait for the end of their leases */
    SILENT_LEASES = 2, /* a worker without a sign of life for so many leases is dead */
};

struct dead_worker {
    char name[CHILD_NAME_SIZE];
    bool owes_jobs, owes_events;
};

struct upkeep {
    const struct config *config;
    struct db *db;
    struct redis *redis;
    struct dependency database, queue;
    struct dead_worker dead[DEAD_MAX];
    size_t dead_count;
};

bool upkeep_new(const struct config *config, struct upkeep **ret_upkeep, struct error *err) {
    _cleanup_(upkeep_freep) struct upkeep *upkeep = xcalloc(1, sizeof *upkeep);
    upkeep->config = config;
    upkeep->database.name = "database";
    upkeep->queue.name = "queue";
    upkeep->db = db_new(config->database_url, "sluice-supervisor", STATEMENT_TIMEOUT_MS);
    if (!redis_new(config->redis_url, TIMEOUT_MS, &upkeep->redis, err)) {
        return false;
    }
    db_on_announcement(upkeep->db, connections_announce, upkeep->redis);
    *ret_upkeep = take_ptr(upkeep);
    return true;
}

void upkeep_free(struct upkeep *upkeep) {
    if (upkeep != NULL) {
        db_free(upkeep->db);
        redis_free(upkeep->redis);
        free(upkeep);
    }
}

static bool note(struct dependency *dependency, bool worked, const struct error *err) {
    if (worked) {
        dependency_works(dependency);
    } else {
        dependency_failed(dependency, err);
    }
    return worked;
}

static void beat_in_redis(struct upkeep *upkeep, const char *const *workers, size_t count) {
    const char *list = upkeep->config->events_list;
    struct error err = {0};
    bool worked = true;
    for (size_t i = 0; i < count && worked; i++) {
        worked = event_queue_beat(upkeep->redis, list, workers[i], &err);
    }
    int64_t moved = 0;
    worked =
        worked && event_queue_release_dead(upkeep->redis, list, SILENT_LEASES * upkeep->config->lease_s, &moved, &err);
    note(&upkeep->queue, worked, &err);
    if (moved > 0) {
        log_warn("events_given_back", log_int("events", moved));
    }
}

void upkeep_beat(struct upkeep *upkeep, const char *const *workers, size_t count) {
    struct error err = {0};
    if (count > 0) {
        note(&upkeep->database, file_state_extend(upkeep->db, workers, count, upkeep->config->lease_s, &err), &err);
    }
    beat_in_redis(upkeep, workers, count);
}

void upkeep_bury(struct upkeep *upkeep, const char *worker) {
    if (upkeep->dead_count == DEAD_MAX) {
        log_warn("dead_worker_left", log_text("child", worker));
        return;
    }
    struct dead_worker *dead = &upkeep->dead[upkeep->dead_count++];
    *dead = (struct dead_worker){.owes_jobs = true, .owes_events = true};
    snprintf(dead->name, sizeof dead->name, "%s", worker);
}

/* Jobs of one dead worker (NULL: of none), and those whose lease is over. */
static bool release_jobs(struct upkeep *upkeep, const char *worker) {
    struct error err = {0};
    int64_t released = 0;
    bool worked = file_state_release(upkeep->db, worker, upkeep->config->max_attempts, &released, &err);
    note(&upkeep->database, worked, &err);
    if (released > 0) {
        metrics_add(METRIC_LEASES_RELEASED, 0, released);
        log_warn("jobs_taken_back", log_text("child", worker), log_int("jobs", released));
        (void)!event_queue_wake(upkeep->redis, upkeep->config->events_list, &err);
    }
    return worked;
}

static bool release_events(struct upkeep *upkeep, const char *worker) {
    struct error err = {0};
    int64_t moved = 0;
    bool worked = event_queue_release(upkeep->redis, upkeep->config->events_list, worker, &moved, &err);
    note(&upkeep->queue, worked, &err);
    if (moved > 0) {
        log_warn("events_given_back", log_text("child", worker), log_int("events", moved));
    }
    return worked;
}

void upkeep_release(struct upkeep *upkeep) {
    size_t kept = 0;
    bool has_database = true;
    bool has_queue = true;
    for (size_t i = 0; i < upkeep->dead_count; i++) {
        struct dead_worker *dead = &upkeep->dead[i];
        has_database = has_database && (!dead->owes_jobs || release_jobs(upkeep, dead->name));
        dead->owes_jobs = dead->owes_jobs && !has_database;
        has_queue = has_queue && (!dead->owes_events || release_events(upkeep, dead->name));
        dead->owes_events = dead->owes_events && !has_queue;
        if (dead->owes_jobs || dead->owes_events) {
            upkeep->dead[kept++] = *dead;
        }
    }
    upkeep->dead_count = kept;
    if (has_database) {
        release_jobs(upkeep, NULL);
    }
}
