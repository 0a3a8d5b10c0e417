#include "processor/ingest_list.h"

#include "common/event_queue.h"
#include "common/xalloc.h"

struct ingest_list {
    struct redis *redis;
    char *list, *worker, *own_list;
    uint64_t generation; /* of the connection whose own list is known */
    bool is_lost;        /* the last use of the connection failed */
    bool is_owed;        /* the own list may hold elements that have not had their effect */
};

struct ingest_list *ingest_list_new(const char *list, const char *worker, struct redis *redis) {
    struct ingest_list *made = xcalloc(1, sizeof *made);
    made->redis = redis;
    made->list = xstrdup(list);
    made->worker = xstrdup(worker);
    made->own_list = event_queue_own_list(list, worker);
    made->is_lost = true;
    return made;
}

void ingest_list_free(struct ingest_list *list) {
    if (list != NULL) {
        free(list->list);
        free(list->worker);
        free(list->own_list);
        free(list);
    }
}

/* On a new connection: a reply may have been lost with the old one, and with it elements that were moved. The sign of life
 * comes before any of them, so that others find the own list of a worker that dies right after. */
static bool settle_in(struct ingest_list *list, struct error *err) {
    if (!list->is_lost && redis_generation(list->redis) == list->generation) {
        return true;
    }
    list->is_lost = true;
    list->is_owed = true;
    if (!event_queue_beat(list->redis, list->list, list->worker, err)) {
        return false;
    }
    list->generation = redis_generation(list->redis);
    list->is_lost = false;
    return true;
}

static bool read_own_list(struct ingest_list *list, struct redis_elements *ret_elements, struct error *err) {
    if (!redis_range(list->redis, list->own_list, INGEST_MAX_EVENTS, ret_elements, err)) {
        return false;
    }
    list->is_owed = ret_elements->count > 0;
    return true;
}

/* Always through the own list: what stands first on it is what is dropped in the end, whatever a lost reply hid. */
static bool take_elements(struct ingest_list *list, struct redis_elements *ret_elements, struct error *err) {
    if (list->is_owed && !read_own_list(list, ret_elements, err)) {
        return false;
    }
    if (list->is_owed) {
        return true;
    }
    int64_t moved = 0;
    return event_queue_move(list->redis, list->list, list->own_list, INGEST_MAX_EVENTS, &moved, err) &&
           (moved == 0 || read_own_list(list, ret_elements, err));
}

static bool take(void *context, struct redis_elements *ret_elements, struct error *err) {
    struct ingest_list *list = context;
    if (!settle_in(list, err)) {
        return false;
    }
    bool is_taken = take_elements(list, ret_elements, err);
    list->is_lost = !is_taken;
    return is_taken;
}

static bool settle(void *context, size_t count, struct error *err) {
    struct ingest_list *list = context;
    list->is_owed = count == INGEST_MAX_EVENTS;
    list->is_lost = !redis_drop_head(list->redis, list->own_list, count, err);
    return !list->is_lost;
}

struct ingest_source ingest_list_source(struct ingest_list *list) {
    return (struct ingest_source){.context = list, .take = take, .settle = settle};
}

bool ingest_list_wait(struct ingest_list *list, int64_t timeout_ms, bool *ret_came, struct error *err) {
    if (!settle_in(list, err)) {
        return false;
    }
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    if (!redis_move_wait(list->redis, list->list, list->own_list, timeout_ms, &elements, err)) {
        list->is_lost = true;
        return false;
    }
    *ret_came = elements.count > 0;
    list->is_owed = list->is_owed || *ret_came;
    return true;
}

bool ingest_list_wake_other(struct ingest_list *list, struct error *err) {
    return event_queue_wake(list->redis, list->list, err);
}
