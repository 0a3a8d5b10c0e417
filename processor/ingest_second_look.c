#include "processor/ingest_second_look.h"

#include "common/file_mark.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/sweep_look.h"

#include <string.h>

static void add_keys(struct db_params *params, const struct file_arrival *arrivals, const size_t *indexes,
                     size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, arrivals[indexes[i]].object_key);
    }
    db_array_end(params);
}

static bool find_differing(const struct ingest_second_look *look, const struct file_arrival *arrivals,
                           const size_t *indexes, size_t count, struct db_result **ret_files, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, look->bucket);
    add_keys(&params, arrivals, indexes, count);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&params, arrivals[indexes[i]].etag);
    }
    db_array_end(&params);
    return db_run(look->db, SQL_FILES_DIFFERING, &params, ret_files, err);
}

static void note(const char *file_id, enum file_mark_effect effect) {
    if (effect == MARK_SET) {
        metrics_increment(METRIC_OBJECTS_CHANGED, 0);
        log_warn("object_changed", log_text("file_id", file_id));
    } else if (effect == MARK_TAKEN_OFF) {
        log_info("object_restored", log_text("file_id", file_id));
    }
}

bool ingest_look_at_known(const struct ingest_second_look *look, const struct file_arrival *arrivals,
                          const size_t *indexes, size_t count, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *files = NULL;
    if (count == 0) {
        return true;
    }
    if (!find_differing(look, arrivals, indexes, count, &files, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(files); row++) {
        enum file_mark_effect effect = MARK_UNCHANGED;
        const char *file_id = db_text(files, row, 0);
        if (!file_mark_look(look->db, look->store, file_id, db_text(files, row, 1), &effect, err)) {
            return false;
        }
        note(file_id, effect);
    }
    return true;
}

static bool was_deleted(const struct db_result *deleted, const char *key) {
    for (size_t row = 0; row < db_rows(deleted); row++) {
        if (strcmp(db_text(deleted, row, 0), key) == 0) {
            return true;
        }
    }
    return false;
}

static bool judge_deleted(const struct ingest_second_look *look, const char *key, const char **ret_reason,
                          struct error *err) {
    struct s3_object object;
    struct error ignored;
    enum sweep_sight sight = SWEEP_UNCLEAR;
    if (!sweep_look(look->store, key, false, &sight, &object, &ignored, err)) {
        return false;
    }
    *ret_reason = sight == SWEEP_MISSING ? NULL : "uploaded again after its file had been deleted";
    return true;
}

bool ingest_look_at_unknown(const struct ingest_second_look *look, const struct file_arrival *arrivals,
                            const size_t *indexes, size_t count, const char **ret_reasons, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *deleted = NULL;
    if (count == 0) {
        return true;
    }
    add_keys(&params, arrivals, indexes, count);
    if (!db_run(look->db, SQL_OBJECTS_DELETED, &params, &deleted, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *key = arrivals[indexes[i]].object_key;
        ret_reasons[i] = "no record has this key";
        if (was_deleted(deleted, key) && !judge_deleted(look, key, &ret_reasons[i], err)) {
            return false;
        }
    }
    return true;
}
