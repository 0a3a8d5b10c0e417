#include "common/batch_accept.h"

#include "common/file_state.h"
#include "common/xalloc.h"

#include <string.h>

enum { ATTEMPTS = 3 };

/* How far a try has come. */
enum acceptance_step {
    ACCEPTANCE_WRITES,  /* nothing is sent to be committed */
    ACCEPTANCE_EARLIER, /* an earlier try was committed, although its answer was lost */
    ACCEPTANCE_COMMITS,
};

static bool hold_album(struct db *db, const struct batch_acceptance *acceptance, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, acceptance->owner_id);
    db_param_text(&params, acceptance->album_id);
    db_param_int(&params, (int64_t)acceptance->count);
    if (!db_run(db, SQL_ALBUM_HOLD, &params, &result, err)) {
        return false;
    }
    return db_rows(result) == 1 || error_set(err, ERROR_ALBUM_NOT_FOUND, "no album %s", acceptance->album_id);
}

static bool lock_batch(struct db *db, const struct batch_acceptance *acceptance, bool *ret_earlier, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, acceptance->batch_id);
    if (!db_run(db, SQL_BATCH_LOCK, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_CONFLICT, "the upload stood still for so long that another one took its place");
    }
    *ret_earlier = strcmp(db_text(result, 0, 0), "receiving") != 0;
    return true;
}

/* The arrays, each filled for one photo. */
static void add_file(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_text(params, photo->file_id);
}

static void add_filename(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_text(params, photo->filename);
}

static void add_content_type(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_text(params, photo->content_type);
}

static void add_size(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_int(params, photo->size);
}

static void add_sha256(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_bytes(params, photo->sha256, SHA256_SIZE);
}

static void add_object_key(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_text(params, photo->object_key);
}

static void add_staged_key(struct db_params *params, const struct batch_photo *photo) {
    db_array_add_text(params, photo->staged_key);
}

static void add_column(struct db_params *params, const struct batch_acceptance *acceptance,
                       void (*add)(struct db_params *, const struct batch_photo *)) {
    db_array_start(params);
    for (size_t i = 0; i < acceptance->count; i++) {
        add(params, &acceptance->photos[i]);
    }
    db_array_end(params);
}

static bool insert(struct db *db, const struct batch_acceptance *acceptance, struct error *err) {
    static void (*const columns[])(struct db_params *, const struct batch_photo *) = {
        add_file, add_filename, add_content_type, add_size, add_sha256, add_object_key,
    };
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, acceptance->owner_id);
    db_param_text(&params, acceptance->album_id);
    db_param_text(&params, acceptance->bucket);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        add_column(&params, acceptance, columns[i]);
    }
    return db_execute(db, SQL_BATCH_INSERT, &params, err);
}

static bool arrive(struct db *db, const struct batch_acceptance *acceptance, struct error *err) {
    size_t count = acceptance->count;
    _cleanup_(freep) struct file_arrival *arrivals = xcalloc(count, sizeof *arrivals);
    _cleanup_(freep) enum file_arrival_effect *effects = xcalloc(count, sizeof *effects);
    for (size_t i = 0; i < count; i++) {
        const struct batch_photo *photo = &acceptance->photos[i];
        arrivals[i] = (struct file_arrival){
            .bucket = acceptance->bucket, .object_key = photo->object_key, .size = photo->size, .etag = photo->etag};
    }
    if (!file_state_arrive(db, arrivals, count, effects, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (effects[i] != ARRIVAL_COUNTED) {
            return error_set(err, ERROR_DATABASE_ERROR, "the record of a photo is not as it was written");
        }
    }
    return true;
}

static bool run(struct db *db, const struct batch_acceptance *acceptance, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_params_free) struct db_params batch = {0};
    db_param_text(&params, acceptance->batch_id);
    db_param_int(&params, acceptance->album_limit);
    db_param_int(&params, acceptance->total_limit);
    add_column(&params, acceptance, add_file);
    add_column(&params, acceptance, add_staged_key);
    db_param_text(&batch, acceptance->batch_id);
    return db_execute(db, SQL_BATCH_RUN, &params, err) && db_execute(db, SQL_BATCH_GO_ON, &batch, err);
}

/* The last one before the commit: other uploads of the owner wait from here on. */
static bool admit(struct db *db, const struct batch_acceptance *acceptance, struct error *err) {
    const struct usage_admission admission = {.owner_id = acceptance->owner_id,
                                              .limits = {.max_bytes = acceptance->quota.max_bytes}};
    return acceptance->quota.max_bytes == 0 || usage_admit(db, &admission, err);
}

/* ret_step: how far it came when it failed. */
static bool try_once(struct db *db, const struct batch_acceptance *acceptance, enum acceptance_step *ret_step,
                     struct error *err) {
    bool is_earlier = false;
    *ret_step = ACCEPTANCE_WRITES;
    if ((acceptance->quota.max_bytes > 0 && !usage_start(db, acceptance->owner_id, err)) || !db_begin(db, err)) {
        return false;
    }
    if (!hold_album(db, acceptance, err) || !lock_batch(db, acceptance, &is_earlier, err) ||
        (!is_earlier && (!insert(db, acceptance, err) || !arrive(db, acceptance, err) || !run(db, acceptance, err) ||
                         !admit(db, acceptance, err)))) {
        db_rollback(db);
        return false;
    }
    if (is_earlier) {
        *ret_step = ACCEPTANCE_EARLIER;
        db_rollback(db);
        return true;
    }
    *ret_step = ACCEPTANCE_COMMITS;
    return db_commit(db, err);
}

/* A commit whose answer was lost is sent again: the batch's state then tells whether it had happened. */
bool batch_accept(struct db *db, const struct batch_acceptance *acceptance, bool *ret_kept, struct error *err) {
    bool is_unknown = false;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        enum acceptance_step step;
        bool is_done = try_once(db, acceptance, &step, err);
        if (is_done) {
            *ret_kept = true;
            return true;
        }
        /* What a later try says before its commit holds for an earlier one, too: had it happened, it would have been seen. */
        bool is_answer = step == ACCEPTANCE_WRITES && error_disposition(err) == PERMANENT;
        is_unknown = step == ACCEPTANCE_COMMITS || (is_unknown && !is_answer);
        if (!is_unknown) {
            break;
        }
    }
    *ret_kept = is_unknown;
    return false;
}
