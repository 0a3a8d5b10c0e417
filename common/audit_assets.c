#include "common/audit_assets.h"

#include "common/asset_key.h"

bool audit_used_assets(struct db *db, const char *bucket, const char *const *keys, size_t count,
                       struct db_result **ret_used, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, bucket);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&params, keys[i]);
    }
    db_array_end(&params);
    db_array_start(&params);
    for (size_t i = 0; i < count; i++) {
        char file_id[ID_TEXT_SIZE];
        db_array_add_text(&params, asset_key_parse(keys[i], file_id) ? file_id : NULL);
    }
    db_array_end(&params);
    return db_run(db, SQL_ASSETS_OF_OBJECTS, &params, ret_used, err);
}
