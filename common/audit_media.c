#include "common/audit_media.h"

#include "common/media_store.h"
#include "common/variant_objects.h"
#include "common/xalloc.h"

/* What a variant's key says of its file, one column of VARIANTS_OF_OBJECTS at a time. */
static void add_column(struct db_params *params, const char *const *keys, size_t count, int column) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        char media_id[MEDIA_ID_SIZE];
        char generation_id[MEDIA_WORD_SIZE];
        int64_t index = 0;
        bool is_known = variant_object_media_id(keys[i], media_id, sizeof media_id);
        bool is_file = is_known && id_valid(media_id);
        bool is_generated = is_known && !is_file && media_id_parse_generated(media_id, generation_id, &index);
        if (column == 3 && is_generated) {
            db_array_add_int(params, index);
        } else {
            const char *const texts[] = {keys[i], is_file ? media_id : NULL, is_generated ? generation_id : NULL, NULL};
            db_array_add_text(params, texts[column]);
        }
    }
    db_array_end(params);
}

bool audit_used_variants(struct db *db, const char *const *keys, size_t count, struct db_result **ret_used,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    for (int column = 0; column < 4; column++) {
        add_column(&params, keys, count, column);
    }
    return db_run(db, SQL_VARIANTS_OF_OBJECTS, &params, ret_used, err);
}

static bool try_adopt(struct db *db, bool dry_run, const struct file_arrival *arrivals, size_t count,
                      enum file_arrival_effect *effects, struct error *err) {
    if (!dry_run) {
        return media_adopt(db, arrivals, count, effects, err);
    }
    if (!db_begin(db, err)) {
        return false;
    }
    bool good = media_adopt(db, arrivals, count, effects, err);
    db_rollback(db);
    return good;
}

bool audit_adopt(struct db *db, const char *bucket, bool dry_run, const char *const *keys, size_t count,
                 bool *ret_adopted, struct error *err) {
    _cleanup_(freep) struct file_arrival *arrivals = xcalloc(count + 1, sizeof *arrivals);
    _cleanup_(freep) enum file_arrival_effect *effects = xcalloc(count + 1, sizeof *effects);
    for (size_t i = 0; i < count; i++) {
        arrivals[i] = (struct file_arrival){.bucket = bucket, .object_key = keys[i], .size = -1};
        effects[i] = ARRIVAL_UNKNOWN;
    }
    if (!try_adopt(db, dry_run, arrivals, count, effects, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ret_adopted[i] = effects[i] != ARRIVAL_UNKNOWN;
    }
    return true;
}
