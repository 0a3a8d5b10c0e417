#include "common/file_state_private.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* An arrival among others: equal ones stand together, the first to come before the later. */
struct entry {
    const struct file_arrival *arrival;
    size_t index;
};

static int compare_objects(const struct file_arrival *left, const struct file_arrival *right) {
    int order = strcmp(left->object_key, right->object_key);
    return order != 0 ? order : strcmp(left->bucket, right->bucket);
}

static int compare_entries(const void *left, const void *right) {
    const struct entry *one = left;
    const struct entry *other = right;
    int order = compare_objects(one->arrival, other->arrival);
    return order != 0 ? order : one->index < other->index ? -1 : 1;
}

/* The last arrival of each object, in the order of the keys: returns how many, and for each arrival the place of its object,
 * counted from 1. */
static size_t keep_last(const struct file_arrival *arrivals, size_t count, const struct file_arrival **ret_last,
                        size_t *ret_places) {
    _cleanup_(freep) struct entry *entries = xcalloc(count, sizeof *entries);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct entry){&arrivals[i], i};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++) {
        kept += i == 0 || compare_objects(entries[i - 1].arrival, entries[i].arrival) != 0;
        ret_last[kept - 1] = entries[i].arrival;
        ret_places[entries[i].index] = kept;
    }
    return kept;
}

#define ADD_TEXT_ARRAY(params, items, count, field)                                                                    \
    do {                                                                                                               \
        db_array_start(params);                                                                                        \
        for (size_t i_ = 0; i_ < (count); i_++) {                                                                      \
            db_array_add_text((params), (items)[i_]->field);                                                           \
        }                                                                                                              \
        db_array_end(params);                                                                                          \
    } while (false)

static void add_arrivals(struct db_params *params, const struct file_arrival *const *arrivals, size_t count) {
    ADD_TEXT_ARRAY(params, arrivals, count, bucket);
    ADD_TEXT_ARRAY(params, arrivals, count, object_key);
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        file_state_add_size(params, arrivals[i]->size);
    }
    db_array_end(params);
    ADD_TEXT_ARRAY(params, arrivals, count, etag);
    ADD_TEXT_ARRAY(params, arrivals, count, version_id);
    ADD_TEXT_ARRAY(params, arrivals, count, sequencer);
}

/* Rows in the order of their kinds: known, counted, counted with a job. */
static void read_rows(const struct db_result *result, size_t count, enum file_arrival_effect *effects,
                      struct file_jobs *jobs) {
    for (size_t row = 0; row < db_rows(result); row++) {
        int64_t place = db_int(result, row, 0);
        if (place < 1 || (size_t)place > count) {
            continue;
        }
        effects[place - 1] = db_bool(result, row, 1) ? ARRIVAL_COUNTED : ARRIVAL_KNOWN;
        if (jobs != NULL && !db_is_null(result, row, 2)) {
            file_jobs_add(jobs, result, row, 2);
        }
    }
}

bool file_state_take(struct db *db, const struct file_arrival *arrivals, size_t count, const struct file_claim *claim,
                     enum file_arrival_effect *ret_effects, struct file_jobs *ret_jobs, struct error *err) {
    _cleanup_(freep) const struct file_arrival **last = xcalloc(count, sizeof *last);
    _cleanup_(freep) size_t *places = xcalloc(count, sizeof *places);
    size_t kept = keep_last(arrivals, count, last, places);
    _cleanup_(freep) enum file_arrival_effect *effects = xcalloc(kept, sizeof *effects);
    _cleanup_(db_params_free) struct db_params params = {0};
    file_state_add_event(&params, FILE_ARRIVE);
    add_arrivals(&params, last, kept);
    db_param_int(&params, claim == NULL ? 0 : (int64_t)claim->max_jobs);
    db_param_int(&params, claim == NULL ? 0 : claim->max_bytes);
    db_param_text(&params, file_status_name(file_state_next(PENDING, FILE_TAKE)));
    db_param_text(&params, claim == NULL ? NULL : claim->worker);
    db_param_int(&params, claim == NULL ? 0 : claim->lease_s);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_FILE_ARRIVE, &params, &result, err)) {
        return false;
    }
    read_rows(result, kept, effects, claim == NULL ? NULL : ret_jobs);
    bool has_counted = false;
    for (size_t i = 0; i < count; i++) {
        ret_effects[i] = effects[places[i] - 1];
        has_counted |= ret_effects[i] == ARRIVAL_COUNTED;
    }
    if (has_counted) {
        db_announce(db);
    }
    return true;
}

bool file_state_arrive(struct db *db, const struct file_arrival *arrivals, size_t count,
                       enum file_arrival_effect *ret_effects, struct error *err) {
    return file_state_take(db, arrivals, count, NULL, ret_effects, NULL, err);
}
