#include "processor/settle_assets.h"

#include "common/asset_key.h"
#include "common/log.h"
#include "common/xalloc.h"

/* The assets among results, and the keys that they get. */
struct finishing {
    struct asset_ending endings[SETTLEMENT_MAX];
    struct buf keys[SETTLEMENT_MAX];
    size_t places[SETTLEMENT_MAX]; /* of each among the results */
    size_t count;
};

static void finishing_free(struct finishing *finishing) {
    for (size_t i = 0; i < finishing->count; i++) {
        buf_free(&finishing->keys[i]);
    }
}

static bool finishes_asset(const struct job_result *result) {
    return result->outcome.event == FILE_FINISH && asset_kind_is_asset(result->outcome.job->kind);
}

static bool is_duplicate(const struct job_result *result) {
    return result->holder[0] != '\0';
}

bool settle_assets_any(const struct job_result *results, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (finishes_asset(&results[i])) {
            return true;
        }
    }
    return false;
}

/* held NULL: all that finish. */
static void collect(const struct job_result *results, size_t count, const bool *held, struct finishing *ret_finishing) {
    *ret_finishing = (struct finishing){0};
    for (size_t i = 0; i < count; i++) {
        if (!finishes_asset(&results[i]) || (held != NULL && !held[i])) {
            continue;
        }
        const struct file_job *job = results[i].outcome.job;
        struct buf *key = &ret_finishing->keys[ret_finishing->count];
        asset_key(key, job->file_id, job->filename);
        ret_finishing->endings[ret_finishing->count] = (struct asset_ending){
            .job = job,
            .holder = is_duplicate(&results[i]) ? results[i].holder : NULL,
            .object_key = is_duplicate(&results[i]) ? NULL : buf_text(key),
        };
        ret_finishing->places[ret_finishing->count++] = i;
    }
}

/* What was found out stays out of the record: it is of an object that is not the record's. */
static void again_at_once(struct job_result *result) {
    result->outcome = (struct file_outcome){.job = result->outcome.job, .event = FILE_POSTPONE, .size = -1};
    result->picture.is_known = false;
}

bool settle_assets_hold(struct db *db, struct job_result *results, size_t count, struct error *err) {
    _cleanup_(finishing_free) struct finishing finishing;
    bool stands[SETTLEMENT_MAX];
    collect(results, count, NULL, &finishing);
    if (finishing.count == 0) {
        return true;
    }
    if (!asset_hold(db, finishing.endings, finishing.count, stands, err)) {
        return false;
    }
    for (size_t i = 0; i < finishing.count; i++) {
        if (!stands[i]) {
            again_at_once(&results[finishing.places[i]]);
        }
    }
    return true;
}

bool settle_assets_finish(struct db *db, const struct job_result *results, size_t count, const bool *held,
                          struct error *err) {
    _cleanup_(finishing_free) struct finishing finishing;
    collect(results, count, held, &finishing);
    return finishing.count == 0 || asset_finish(db, finishing.endings, finishing.count, err);
}

/* The staged objects of photos of batches that were finished; they lie in their albums by now. */
static size_t collect_photos(const struct job_result *results, size_t count, const bool *held, const char **ret_keys) {
    size_t key_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct file_outcome *outcome = &results[i].outcome;
        if (held[i] && outcome->event == FILE_FINISH && outcome->job->staged_key != NULL) {
            ret_keys[key_count++] = outcome->job->staged_key;
        }
    }
    return key_count;
}

/* An earlier attempt may have had the content, and have gone further than this one. */
static bool had_content_before(const struct file_job *job) {
    return job->attempts > 1 || job->previous_code != NULL;
}

void settle_assets_clear(struct step_tools *tools, const struct job_result *results, size_t count, const bool *held) {
    _cleanup_(finishing_free) struct finishing finishing;
    const char *keys[2 * SETTLEMENT_MAX];
    struct error err = {0};
    size_t key_count = collect_photos(results, count, held, keys);
    collect(results, count, held, &finishing);
    for (size_t i = 0; i < finishing.count; i++) {
        const struct asset_ending *ending = &finishing.endings[i];
        keys[key_count++] = ending->job->object_key;
        if (ending->holder != NULL) {
            keys[key_count++] = buf_text(&finishing.keys[i]);
            if (had_content_before(ending->job)) {
                step_picture_forget(tools, ending->job);
            }
        }
    }
    bool is_clear = key_count == 0 || (key_count == 1 ? s3_client_delete(tools->store, keys[0], &err)
                                                      : s3_client_delete_many(tools->store, keys, key_count, &err));
    if (!is_clear) {
        log_warn("staged_left_behind", log_int("objects", (int64_t)key_count), log_code(&err), log_message(&err));
    }
}
