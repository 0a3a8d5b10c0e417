#include "processor/ingest.h"

#include "common/event_queue.h"
#include "common/metrics.h"
#include "common/xalloc.h"
#include "processor/crash_point.h"
#include "processor/ingest_effects.h"

struct ingest {
    struct ingest_effects effects;
    struct redis *redis;
    char *list, *worker, *own_list, *bucket;
    uint64_t generation; /* of the connection whose own list is known */
    bool is_lost;        /* the last use of the connection failed */
    bool is_owed;        /* the own list may hold elements that have not had their effect */
};

struct ingest *ingest_new(const struct ingest_options *options, struct db *db, struct redis *redis,
                          struct step_tools *tools) {
    struct ingest *ingest = xcalloc(1, sizeof *ingest);
    ingest->redis = redis;
    ingest->list = xstrdup(options->list);
    ingest->worker = xstrdup(options->worker);
    ingest->own_list = event_queue_own_list(options->list, options->worker);
    ingest->bucket = xstrdup(options->bucket);
    ingest->effects = (struct ingest_effects){.db = db, .tools = tools, .bucket = ingest->bucket};
    ingest->is_lost = true;
    return ingest;
}

void ingest_free(struct ingest *ingest) {
    if (ingest != NULL) {
        free(ingest->list);
        free(ingest->worker);
        free(ingest->own_list);
        free(ingest->bucket);
        free(ingest);
    }
}

/* On a new connection: a reply may have been lost with the old one, and with it elements that were moved. The sign of life
 * comes before any of them, so that others find the own list of a worker that dies right after. */
static bool settle_in(struct ingest *ingest, struct error *err) {
    if (!ingest->is_lost && redis_generation(ingest->redis) == ingest->generation) {
        return true;
    }
    ingest->is_lost = true;
    ingest->is_owed = true;
    if (!event_queue_beat(ingest->redis, ingest->list, ingest->worker, err)) {
        return false;
    }
    ingest->generation = redis_generation(ingest->redis);
    ingest->is_lost = false;
    return true;
}

static bool read_own_list(struct ingest *ingest, struct redis_elements *ret_elements, struct error *err) {
    if (!redis_range(ingest->redis, ingest->own_list, INGEST_MAX_EVENTS, ret_elements, err)) {
        return false;
    }
    ingest->is_owed = ret_elements->count > 0;
    return true;
}

/* Always through the own list: what stands first on it is what is dropped in the end, whatever a lost reply hid. */
static bool take_elements(struct ingest *ingest, struct redis_elements *ret_elements, struct error *err) {
    if (ingest->is_owed && !read_own_list(ingest, ret_elements, err)) {
        return false;
    }
    if (ingest->is_owed) {
        return true;
    }
    int64_t moved = 0;
    return event_queue_move(ingest->redis, ingest->list, ingest->own_list, INGEST_MAX_EVENTS, &moved, err) &&
           (moved == 0 || read_own_list(ingest, ret_elements, err));
}

/* Failures of Postgres and of the store leave everything as it is: the elements stay on the own list. */
static bool take_effect(struct ingest *ingest, const struct redis_elements *elements, struct ingest_tally *tally,
                        struct error *err) {
    crash_point("ingest_moved");
    if (!ingest_effects_apply(&ingest->effects, elements, &tally->counted, err)) {
        return false;
    }
    crash_point("ingest_committed");
    tally->taken = elements->count;
    ingest->is_owed = elements->count == INGEST_MAX_EVENTS;
    ingest->is_lost = !redis_drop_head(ingest->redis, ingest->own_list, elements->count, err);
    return !ingest->is_lost;
}

bool ingest_run(struct ingest *ingest, const struct file_claim *claim, struct file_jobs *jobs,
                struct ingest_tally *ret_tally, struct error *err) {
    *ret_tally = (struct ingest_tally){0};
    ingest->effects.claim = claim;
    ingest->effects.jobs = jobs;
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    if (!settle_in(ingest, err)) {
        return false;
    }
    if (!take_elements(ingest, &elements, err)) {
        ingest->is_lost = true;
        return false;
    }
    return elements.count == 0 || take_effect(ingest, &elements, ret_tally, err);
}

bool ingest_wait(struct ingest *ingest, int64_t timeout_ms, bool *ret_came, struct error *err) {
    if (!settle_in(ingest, err)) {
        return false;
    }
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    if (!redis_move_wait(ingest->redis, ingest->list, ingest->own_list, timeout_ms, &elements, err)) {
        ingest->is_lost = true;
        return false;
    }
    *ret_came = elements.count > 0;
    ingest->is_owed = ingest->is_owed || *ret_came;
    return true;
}

bool ingest_wake_other(struct ingest *ingest, struct error *err) {
    return event_queue_wake(ingest->redis, ingest->list, err);
}

void ingest_label_metrics(void) {
    metrics_label(METRIC_EVENTS, ingest_result_names, INGEST_RESULT_COUNT);
}
