#include "processor/ingest_effects.h"

#include "common/asset_key.h"
#include "common/log.h"
#include "common/media_store.h"
#include "common/metrics.h"
#include "common/probe.h"
#include "common/s3_bucket.h"
#include "common/s3_witness.h"
#include "common/variant_objects.h"
#include "common/xalloc.h"
#include "processor/ingest_second_look.h"

#include <string.h>

const char *const ingest_result_names[INGEST_RESULT_COUNT] = {"counted", "known", "removed", "kept",
                                                              "ignored", "late",  "dead"};

static bool begins_with(const char *key, const char *prefix) {
    return strncmp(key, prefix, strlen(prefix)) == 0;
}

/* Objects that clients do not upload: the doctor's, who may have gone before all of its events came, and those that Sluice
 * itself writes, whose events only a subscription of somebody else's brings here. */
static bool is_ours(const char *key) {
    return probe_is_key(key) || begins_with(key, VARIANT_PREFIX) || begins_with(key, ASSET_PREFIX) ||
           begins_with(key, ASSET_STAGING_PREFIX);
}

/* A batch's arrivals: what became of each, why those that nobody can use are dead, and room for indexes of some. */
struct arrivals {
    enum file_arrival_effect *effects;
    const char **reasons; /* of the arrival with the same index; NULL: none */
    bool *is_settled;     /* counted, nothing more is to be done */
    size_t *some;
};

static void arrivals_free(struct arrivals *arrivals) {
    free(arrivals->effects);
    free(arrivals->reasons);
    free(arrivals->is_settled);
    free(arrivals->some);
}

static void settle_arrival(struct arrivals *arrivals, size_t index, enum ingest_result result) {
    arrivals->is_settled[index] = true;
    metrics_increment(METRIC_EVENTS, result);
}

/* Known files whose object may have been replaced. */
static bool look_at_known(const struct ingest_second_look *look, const struct ingest_batch *batch,
                          struct arrivals *arrivals, struct error *err) {
    size_t count = 0;
    for (size_t i = 0; i < batch->arrival_count; i++) {
        if (arrivals->effects[i] == ARRIVAL_KNOWN && batch->arrivals[i].etag != NULL) {
            arrivals->some[count++] = i;
        }
    }
    return ingest_look_at_known(look, batch->arrivals, arrivals->some, count, err);
}

/* Before anything is adopted: a late report of a medium that was deleted must not bring it back. */
static bool look_at_unknown(const struct ingest_second_look *look, const struct ingest_batch *batch,
                            struct arrivals *arrivals, struct error *err) {
    size_t count = 0;
    for (size_t i = 0; i < batch->arrival_count; i++) {
        if (arrivals->effects[i] == ARRIVAL_UNKNOWN && is_ours(batch->arrivals[i].object_key)) {
            settle_arrival(arrivals, i, INGEST_IGNORED);
        } else if (arrivals->effects[i] == ARRIVAL_UNKNOWN) {
            arrivals->some[count++] = i;
        }
    }
    _cleanup_(freep) const char **reasons = xcalloc(count + 1, sizeof *reasons);
    if (!ingest_look_at_unknown(look, batch->arrivals, arrivals->some, count, reasons, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t index = arrivals->some[i];
        arrivals->reasons[index] = reasons[i];
        if (reasons[i] == NULL) {
            settle_arrival(arrivals, index, INGEST_LATE);
            arrivals->effects[index] = ARRIVAL_KNOWN;
        }
    }
    return true;
}

static void count_arrivals(struct ingest_batch *batch, struct arrivals *arrivals, size_t *ret_counted) {
    for (size_t i = 0; i < batch->arrival_count; i++) {
        if (arrivals->is_settled[i]) {
            continue;
        }
        if (arrivals->effects[i] == ARRIVAL_UNKNOWN) {
            ingest_batch_bury(batch, batch->arrival_elements[i], arrivals->reasons[i]);
        } else {
            settle_arrival(arrivals, i, arrivals->effects[i] == ARRIVAL_COUNTED ? INGEST_COUNTED : INGEST_KNOWN);
            *ret_counted += arrivals->effects[i] == ARRIVAL_COUNTED;
        }
    }
}

static bool apply_arrivals(struct ingest_effects *effects, struct ingest_batch *batch, size_t *ret_counted,
                           struct error *err) {
    const struct ingest_second_look look = {effects->db, effects->tools->store, effects->bucket};
    size_t count = batch->arrival_count;
    if (count == 0) {
        return true;
    }
    _cleanup_(arrivals_free) struct arrivals arrivals = {
        .effects = xcalloc(count, sizeof *arrivals.effects),
        .reasons = xcalloc(count, sizeof *arrivals.reasons),
        .is_settled = xcalloc(count, sizeof *arrivals.is_settled),
        .some = xcalloc(count, sizeof *arrivals.some),
    };
    if (!file_state_take(effects->db, batch->arrivals, count, effects->claim, arrivals.effects, effects->jobs, err) ||
        !look_at_known(&look, batch, &arrivals, err) || !look_at_unknown(&look, batch, &arrivals, err) ||
        !media_adopt(effects->db, batch->arrivals, count, arrivals.effects, err)) {
        return false;
    }
    count_arrivals(batch, &arrivals, ret_counted);
    return true;
}

static bool run_record_lookup(struct ingest_effects *effects, const struct ingest_batch *batch,
                              struct db_result **ret_result, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, effects->bucket);
    db_array_start(&params);
    for (size_t i = 0; i < batch->removed_count; i++) {
        db_array_add_text(&params, batch->removed_keys[i]);
    }
    db_array_end(&params);
    return db_run(effects->db, SQL_FILES_OF_OBJECTS, &params, ret_result, err);
}

static bool delete_record(struct ingest_effects *effects, const char *key, const char *file_id, struct error *err) {
    bool is_deleted = false;
    char media_id[MEDIA_ID_SIZE];
    media_id_of(key, file_id, media_id);
    if (!variant_objects_delete(effects->tools->store, media_id, err) ||
        !file_state_delete(effects->db, NULL, file_id, &is_deleted, err)) {
        return false;
    }
    step_cache_forget(effects->tools, file_id);
    log_info("file_removed", log_text("file_id", file_id));
    return true;
}

/* Events are late and unordered, so the store is asked: only an object that is missing now takes its record with it. */
static bool apply_removal(struct ingest_effects *effects, struct ingest_batch *batch, size_t index, const char *file_id,
                          struct error *err) {
    struct s3_object object;
    struct error problem = {0};
    struct s3_client *store = effects->tools->store;
    if (s3_client_head(store, batch->removed_keys[index], &object, &problem)) {
        metrics_increment(METRIC_EVENTS, INGEST_KEPT);
        return true;
    }
    if (problem.code == ERROR_STORE_NOT_FOUND && s3_object_is_absent(store, batch->removed_keys[index], &problem)) {
        metrics_increment(METRIC_EVENTS, INGEST_REMOVED);
        return delete_record(effects, batch->removed_keys[index], file_id, err);
    }
    if (error_disposition(&problem) == OUTAGE && !s3_object_is_broken(store, batch->removed_keys[index])) {
        *err = problem;
        return false;
    }
    ingest_batch_bury(batch, batch->removed_elements[index], problem.message);
    return true;
}

/* The file of a key, NULL when there is none whose object has ever been seen. */
static const char *file_of(const struct db_result *result, const char *key) {
    for (size_t row = 0; row < db_rows(result); row++) {
        if (strcmp(db_text(result, row, 1), key) == 0) {
            unsigned status = file_status_of(db_text(result, row, 2));
            return (status & (UPLOADED | SYNCING | SYNCED | FAILED)) != 0 ? db_text(result, row, 0) : NULL;
        }
    }
    return NULL;
}

static bool apply_removals(struct ingest_effects *effects, struct ingest_batch *batch, struct error *err) {
    if (batch->removed_count == 0) {
        return true;
    }
    _cleanup_(db_result_freep) struct db_result *files = NULL;
    if (!run_record_lookup(effects, batch, &files, err)) {
        return false;
    }
    for (size_t i = 0; i < batch->removed_count; i++) {
        const char *key = batch->removed_keys[i];
        const char *file_id = is_ours(key) ? NULL : file_of(files, key);
        if (file_id == NULL) {
            metrics_increment(METRIC_EVENTS, INGEST_KEPT); /* usual: the API deletes the record before the object */
        } else if (!apply_removal(effects, batch, i, file_id, err)) {
            return false;
        }
    }
    return true;
}

static size_t kept_length(const struct buf *element) {
    return element->length < S3_EVENT_MAX_BYTES ? element->length : S3_EVENT_MAX_BYTES;
}

static bool keep_dead(struct ingest_effects *effects, const struct ingest_batch *batch, struct error *err) {
    if (batch->dead_count == 0) {
        return true;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_array_start(&params);
    for (size_t i = 0; i < batch->dead_count; i++) {
        const struct buf *element = &batch->elements->items[batch->dead[i].element];
        db_array_add_bytes(&params, element->data, kept_length(element));
    }
    db_array_end(&params);
    db_array_start(&params);
    for (size_t i = 0; i < batch->dead_count; i++) {
        db_array_add_text(&params, batch->dead[i].reason);
    }
    db_array_end(&params);
    if (!db_execute(effects->db, SQL_DEAD_EVENTS_ADD, &params, err)) {
        return false;
    }
    metrics_add(METRIC_EVENTS, INGEST_DEAD, (int64_t)batch->dead_count);
    log_warn("events_dead", log_int("events", (int64_t)batch->dead_count),
             log_text("first_reason", batch->dead[0].reason));
    return true;
}

static bool apply_together(struct ingest_effects *effects, const struct redis_elements *elements, size_t *ret_counted,
                           struct error *err) {
    _cleanup_(ingest_batch_free) struct ingest_batch batch = {0};
    ingest_batch_sort(&batch, elements, effects->bucket);
    if (!apply_arrivals(effects, &batch, ret_counted, err) || !apply_removals(effects, &batch, err) ||
        !keep_dead(effects, &batch, err)) {
        return false;
    }
    metrics_add(METRIC_EVENTS, INGEST_IGNORED, (int64_t)batch.ignored);
    return true;
}

static bool bury_alone(struct ingest_effects *effects, const struct redis_elements *one, const char *reason,
                       struct error *err) {
    _cleanup_(ingest_batch_free) struct ingest_batch batch = {.elements = one};
    ingest_batch_bury(&batch, 0, reason);
    return keep_dead(effects, &batch, err);
}

bool ingest_effects_apply(struct ingest_effects *effects, const struct redis_elements *elements, size_t *ret_counted,
                          struct error *err) {
    struct error problem = {0};
    if (apply_together(effects, elements, ret_counted, &problem)) {
        return true;
    }
    *err = problem;
    if (problem.code != ERROR_DATABASE_ERROR) {
        return false;
    }
    if (elements->count == 1) {
        return bury_alone(effects, elements, problem.message, err);
    }
    struct ingest_effects waiting = *effects; /* one job a statement is not worth it */
    waiting.claim = NULL;
    for (size_t i = 0; i < elements->count; i++) {
        struct redis_elements one = {.items = &elements->items[i], .count = 1};
        if (!ingest_effects_apply(&waiting, &one, ret_counted, err)) {
            return false;
        }
    }
    return true;
}
