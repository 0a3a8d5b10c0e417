#include "common/audit.h"

#include "common/asset_key.h"
#include "common/audit_assets.h"
#include "common/audit_media.h"
#include "common/clock.h"
#include "common/file_mark.h"
#include "common/file_state.h"
#include "common/sweep_look.h"
#include "common/upload_prefixes.h"
#include "common/variant_objects.h"
#include "common/xalloc.h"

#include <string.h>

enum { BATCH_KEYS = 500, SUSPICIOUS_COUNT = 50, MS_PER_S = 1000 };

/* An object as the store listed it. */
struct listed {
    char *key;
    char etag[S3_ETAG_SIZE];
    bool is_old; /* enough for an orphan */
};

struct audit {
    struct audit_options options;
    size_t prefix;   /* index of the one under way */
    char *after;     /* the last key that is done with; NULL at the start of a prefix */
    struct buf seen; /* the last key that was listed; "": none yet */
    bool is_done;
    struct listed batch[BATCH_KEYS];
    size_t batch_count;
    size_t left; /* objects that this step may still list */
    int64_t now_ms;
    struct audit_tally tally;
    char **orphans;
    size_t orphan_count;
};

struct audit *audit_new(const struct audit_options *options) {
    struct audit *audit = xcalloc(1, sizeof *audit);
    audit->options = *options;
    return audit;
}

static void clear_batch(struct audit *audit) {
    for (size_t i = 0; i < audit->batch_count; i++) {
        free(audit->batch[i].key);
    }
    audit->batch_count = 0;
}

static void start_anew(struct audit *audit) {
    for (size_t i = 0; i < audit->orphan_count; i++) {
        free(audit->orphans[i]);
    }
    free(audit->orphans);
    free(audit->after);
    audit->orphans = NULL;
    audit->orphan_count = 0;
    audit->after = NULL;
    audit->prefix = 0;
    audit->is_done = false;
    audit->tally = (struct audit_tally){0};
}

void audit_free(struct audit *audit) {
    if (audit != NULL) {
        clear_batch(audit);
        start_anew(audit);
        buf_free(&audit->seen);
        free(audit);
    }
}

const struct audit_tally *audit_tally(const struct audit *audit) {
    return &audit->tally;
}

const char *const *audit_orphans(const struct audit *audit, size_t *ret_count) {
    *ret_count = audit->orphan_count;
    return (const char *const *)audit->orphans;
}

bool audit_is_suspicious(const struct audit_tally *tally) {
    return tally->orphans >= SUSPICIOUS_COUNT && tally->orphans * 2 > tally->objects;
}

static void keep_orphan(struct audit *audit, const char *key) {
    audit->tally.orphans++;
    if (audit->options.orphans_max > 0 && audit->orphan_count == audit->options.orphans_max) {
        return;
    }
    audit->orphans = xrealloc(audit->orphans, (audit->orphan_count + 1) * sizeof *audit->orphans);
    audit->orphans[audit->orphan_count++] = xstrdup(key);
}

/* A key that the store cannot read is left to the sweep, which says so. */
static bool arrive(struct audit *audit, const char *file_id, const char *key, struct error *err) {
    const struct audit_options *options = &audit->options;
    enum sweep_sight sight = SWEEP_UNCLEAR;
    enum file_arrival_effect effect = ARRIVAL_COUNTED;
    struct s3_object object;
    struct error ignored;
    if (!sweep_look(options->store, key, false, &sight, &object, &ignored, err)) {
        return false;
    }
    if (sight != SWEEP_SEEN) {
        return true;
    }
    const struct file_arrival arrival = sweep_arrival(options->bucket, key, &object);
    if (!options->dry_run && !file_state_arrive(options->db, &arrival, 1, &effect, err)) {
        return false;
    }
    if (effect == ARRIVAL_COUNTED) {
        audit->tally.arrived++;
        options->arrived(options->context, file_id, key);
    }
    return true;
}

static bool look_again(struct audit *audit, const char *file_id, const char *key, bool differs, struct error *err) {
    const struct audit_options *options = &audit->options;
    enum file_mark_effect effect = differs ? MARK_SET : MARK_TAKEN_OFF;
    if (!options->dry_run && !file_mark_look(options->db, options->store, file_id, key, &effect, err)) {
        return false;
    }
    if (effect != MARK_UNCHANGED) {
        audit->tally.changed += effect == MARK_SET ? 1 : 0;
        options->changed(options->context, file_id, key, effect == MARK_SET);
    }
    return true;
}

/* Columns as FILES_OF_OBJECTS names them. */
static bool compare(struct audit *audit, const struct listed *listed, const struct db_result *records, size_t row,
                    struct error *err) {
    const char *file_id = db_text(records, row, 0);
    const char *etag = db_text(records, row, 3);
    enum file_status status = file_status_of(db_text(records, row, 2));
    if (status == EXPIRED) { /* PENDING ones are the sweep's */
        return arrive(audit, file_id, listed->key, err);
    }
    bool differs = etag != NULL && *listed->etag != '\0' && strcmp(etag, listed->etag) != 0;
    bool is_marked = db_bool(records, row, 4);
    return status != SYNCED || differs == is_marked || look_again(audit, file_id, listed->key, differs, err);
}

static bool read_records(struct audit *audit, const char *const *keys, size_t count, struct db_result **ret_records,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, audit->options.bucket);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&params, keys[i]);
    }
    db_array_end(&params);
    return db_run(audit->options.db, SQL_FILES_OF_OBJECTS, &params, ret_records, err);
}

/* The row with this key, or the number of rows. */
static size_t row_of(const struct db_result *records, const char *key, size_t column) {
    size_t row = 0;
    while (row < db_rows(records) && strcmp(db_text(records, row, column), key) != 0) {
        row++;
    }
    return row;
}

/* Uploads are compared with their records, or adopted; ret_known[i] tells whether there is a record. */
static bool settle_uploads(struct audit *audit, const char *const *keys, bool *ret_known, struct error *err) {
    const struct audit_options *options = &audit->options;
    _cleanup_(db_result_freep) struct db_result *records = NULL;
    const char *unknown[BATCH_KEYS];
    size_t positions[BATCH_KEYS];
    bool is_adopted[BATCH_KEYS];
    size_t count = 0;
    if (!read_records(audit, keys, audit->batch_count, &records, err)) {
        return false;
    }
    for (size_t i = 0; i < audit->batch_count; i++) {
        size_t row = row_of(records, keys[i], 1);
        ret_known[i] = row < db_rows(records);
        if (!ret_known[i]) {
            positions[count] = i;
            unknown[count++] = keys[i];
        } else if (!compare(audit, &audit->batch[i], records, row, err)) {
            return false;
        }
    }
    if (!audit_adopt(options->db, options->bucket, options->dry_run, unknown, count, is_adopted, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_adopted[i]) {
            ret_known[positions[i]] = true;
            audit->tally.arrived++;
            options->adopted(options->context, unknown[i]);
        }
    }
    return true;
}

/* Assets are compared with their records, too; what a worker may be about to need is known without being one's object. */
static bool settle_assets(struct audit *audit, const char *const *keys, bool *ret_known, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    if (!settle_uploads(audit, keys, ret_known, err) ||
        !audit_used_assets(audit->options.db, audit->options.bucket, keys, audit->batch_count, &used, err)) {
        return false;
    }
    for (size_t i = 0; i < audit->batch_count; i++) {
        ret_known[i] = ret_known[i] || row_of(used, keys[i], 0) < db_rows(used);
    }
    return true;
}

static bool settle_variants(struct audit *audit, const char *const *keys, bool *ret_known, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    if (!audit_used_variants(audit->options.db, keys, audit->batch_count, &used, err)) {
        return false;
    }
    for (size_t i = 0; i < audit->batch_count; i++) {
        ret_known[i] = row_of(used, keys[i], 0) < db_rows(used);
    }
    return true;
}

typedef bool (*settle_function)(struct audit *audit, const char *const *keys, bool *ret_known, struct error *err);

/* What lies elsewhere than uploads do. Staged objects are not looked at here: sweep_staging.h. */
static const struct {
    const char *prefix;
    settle_function settle;
} other_prefixes[] = {{ASSET_PREFIX, settle_assets}, {VARIANT_PREFIX, settle_variants}};

enum { OTHER_PREFIXES = sizeof other_prefixes / sizeof other_prefixes[0] };

static size_t upload_prefix_count(void) {
    size_t count = 0;
    while (upload_prefixes[count] != NULL) {
        count++;
    }
    return count;
}

/* The prefix under way: those of uploads, then the others; NULL after the last. */
static const char *prefix_of(const struct audit *audit) {
    size_t uploads = upload_prefix_count();
    if (audit->prefix < uploads) {
        return upload_prefixes[audit->prefix];
    }
    return audit->prefix < uploads + OTHER_PREFIXES ? other_prefixes[audit->prefix - uploads].prefix : NULL;
}

static settle_function settle_of(const struct audit *audit) {
    size_t uploads = upload_prefix_count();
    return audit->prefix < uploads ? settle_uploads : other_prefixes[audit->prefix - uploads].settle;
}

/* A batch holds keys of one prefix. After a failure all of it comes again. */
static bool settle_all(struct audit *audit, struct error *err) {
    const char *keys[BATCH_KEYS];
    bool is_known[BATCH_KEYS];
    const struct audit_tally before = audit->tally;
    for (size_t i = 0; i < audit->batch_count; i++) {
        keys[i] = audit->batch[i].key;
    }
    if (!settle_of(audit)(audit, keys, is_known, err)) {
        audit->tally = before;
        return false;
    }
    for (size_t i = 0; i < audit->batch_count; i++) {
        if (!is_known[i] && audit->batch[i].is_old) {
            keep_orphan(audit, keys[i]);
        }
    }
    audit->tally.objects += audit->batch_count;
    return true;
}

/* What was listed so far is done with, young objects that were passed over included. */
static bool settle_batch(struct audit *audit, struct error *err) {
    if (audit->batch_count > 0 && !settle_all(audit, err)) {
        return false;
    }
    if (audit->seen.length > 0) {
        free(audit->after);
        audit->after = xstrdup(buf_text(&audit->seen));
    }
    clear_batch(audit);
    return true;
}

static bool take_object(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    struct audit *audit = context;
    int64_t age_ms = audit->now_ms - entry->last_modified_ms;
    if (entry->last_modified_ms != 0 && age_ms >= audit->options.age_s * MS_PER_S) {
        struct listed *listed = &audit->batch[audit->batch_count++];
        listed->key = xstrdup(entry->key);
        snprintf(listed->etag, sizeof listed->etag, "%s", entry->etag);
        listed->is_old = age_ms >= audit->options.orphan_age_s * MS_PER_S;
    }
    buf_clear(&audit->seen);
    buf_append_text(&audit->seen, entry->key);
    *ret_stop = --audit->left == 0;
    return audit->batch_count < BATCH_KEYS || settle_batch(audit, err);
}

/* Until the limit or the end of the last prefix. */
static bool list_on(struct audit *audit, struct error *err) {
    for (const char *prefix = prefix_of(audit); prefix != NULL && audit->left > 0; prefix = prefix_of(audit)) {
        buf_clear(&audit->seen);
        _cleanup_(freep) char *after = audit->after == NULL ? NULL : xstrdup(audit->after);
        if (!s3_client_list(audit->options.store, prefix, after, take_object, audit, err) ||
            !settle_batch(audit, err)) {
            return false;
        }
        if (audit->left > 0) {
            free(audit->after);
            audit->after = NULL;
            audit->prefix++;
        }
    }
    return true;
}

bool audit_step(struct audit *audit, size_t objects_max, bool *ret_done, struct error *err) {
    if (audit->is_done) {
        start_anew(audit);
    }
    audit->left = objects_max == 0 ? SIZE_MAX : objects_max;
    audit->now_ms = clock_now_ms();
    if (!list_on(audit, err)) {
        clear_batch(audit);
        return false;
    }
    audit->is_done = prefix_of(audit) == NULL;
    *ret_done = audit->is_done;
    return true;
}

/* From position `first` on; ret_removed grows. */
static bool remove_some(struct audit *audit, size_t first, size_t count, size_t *ret_removed, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *records = NULL;
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    _cleanup_(db_result_freep) struct db_result *assets = NULL;
    const char *const *keys = (const char *const *)audit->orphans + first;
    const char *doomed[BATCH_KEYS];
    size_t doomed_count = 0;
    if (!read_records(audit, keys, count, &records, err) ||
        !audit_used_variants(audit->options.db, keys, count, &used, err) ||
        !audit_used_assets(audit->options.db, audit->options.bucket, keys, count, &assets, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (row_of(records, keys[i], 1) == db_rows(records) && row_of(used, keys[i], 0) == db_rows(used) &&
            row_of(assets, keys[i], 0) == db_rows(assets)) {
            doomed[doomed_count++] = keys[i];
        }
    }
    if (doomed_count > 0 && !s3_client_delete_many(audit->options.store, doomed, doomed_count, err)) {
        return false;
    }
    *ret_removed += doomed_count;
    return true;
}

bool audit_remove_orphans(struct audit *audit, size_t *ret_removed, struct error *err) {
    *ret_removed = 0;
    for (size_t first = 0; first < audit->orphan_count; first += BATCH_KEYS) {
        size_t left = audit->orphan_count - first;
        if (!remove_some(audit, first, left < BATCH_KEYS ? left : BATCH_KEYS, ret_removed, err)) {
            return false;
        }
    }
    return true;
}
