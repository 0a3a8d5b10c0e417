#include "common/asset_search.h"

#include "common/encode.h"

static void add_time(struct db_params *params, int64_t time_ms) {
    if (time_ms > 0) {
        db_param_int(params, time_ms);
    } else {
        db_param_text(params, NULL);
    }
}

static void add_hash(struct db_params *params, const char *sha256) {
    unsigned char digest[SHA256_SIZE];
    bool is_given = sha256 != NULL && decode_hex(sha256, digest, sizeof digest);
    db_param_bytes(params, is_given ? digest : NULL, sizeof digest);
}

static enum sql_statement statement_of(const struct asset_search *search) {
    if (search->embedding != NULL) {
        return SQL_ASSETS_CLOSEST;
    }
    if (search->tag != NULL) {
        return SQL_ASSETS_TAGGED;
    }
    if (search->sha256 != NULL) {
        return SQL_ASSETS_HASHED;
    }
    return search->taken_after_ms > 0 || search->taken_before_ms > 0 ? SQL_ASSETS_TAKEN : SQL_ASSETS_LIST;
}

bool asset_search(struct db *db, const char *owner_id, const struct asset_search *search, struct assets *ret_assets,
                  struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(buf_free) struct buf vector = {0};
    if (search->embedding != NULL) {
        embedding_to_array(search->embedding, &vector);
    }
    db_param_text(&params, owner_id);
    db_param_text(&params, search->before_id);
    db_param_int(&params, (int64_t)search->limit);
    db_param_text(&params, search->tag);
    add_time(&params, search->taken_after_ms);
    add_time(&params, search->taken_before_ms);
    add_hash(&params, search->sha256);
    db_param_text(&params, search->embedding == NULL ? NULL : buf_text(&vector));
    db_param_text(&params, search->embedding == NULL ? NULL : search->model);
    return assets_read(db, statement_of(search), &params, ret_assets, err);
}
