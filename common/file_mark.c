#include "common/file_mark.h"

#include "common/sweep_look.h"

bool file_mark_look(struct db *db, struct s3_client *store, const char *file_id, const char *key,
                    enum file_mark_effect *ret_effect, struct error *err) {
    struct s3_object object;
    struct error ignored = {0};
    enum sweep_sight sight = SWEEP_UNCLEAR;
    if (!sweep_look(store, key, false, &sight, &object, &ignored, err)) {
        return false;
    }
    *ret_effect = MARK_UNCHANGED;
    if (sight != SWEEP_SEEN) {
        return true;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, file_id);
    db_param_text(&params, object.etag);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_FILE_MARK, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) > 0) {
        *ret_effect = db_bool(result, 0, 0) ? MARK_SET : MARK_TAKEN_OFF;
    }
    return true;
}
