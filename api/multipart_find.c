#include "api/multipart_find.h"

#include "common/upload_token_store.h"
#include "common/xalloc.h"

#include <string.h>

void multipart_free(struct multipart *multipart) {
    free(multipart->upload_id);
    free(multipart->key);
    file_record_free(multipart->record);
}

/* Of MULTIPART_FIND and MULTIPART_BIND. */
static void add_params(struct db_params *params, const struct request *request, const struct multipart *multipart) {
    db_param_text(params, request->principal.owner_id);
    db_param_text(params, multipart->key);
    db_param_text(params, multipart->upload_id);
    db_param_text(params, request->upload_token == NULL ? NULL : request->upload_token->token_id);
}

static bool find_in(struct db *db, const struct request *request, struct multipart *multipart, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_params(&params, request, multipart);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_MULTIPART_FIND, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such multipart upload");
    }
    return file_store_get(db, request->principal.owner_id, db_text(result, 0, 0), &multipart->record, err);
}

static bool bind_in(struct db *db, const struct request *request, const struct multipart *multipart,
                    struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_params(&params, request, multipart);
    return db_execute(db, SQL_MULTIPART_BIND, &params, err);
}

static bool find(struct api *api, struct request *request, bool bind, struct multipart *multipart, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = (!bind || bind_in(db, request, multipart, err)) && find_in(db, request, multipart, err);
    db_pool_give(api->database, db);
    if (found) {
        memcpy(request->file_id, multipart->record->file_id, ID_TEXT_SIZE);
    }
    return found;
}

bool multipart_find(struct api *api, struct request *request, struct multipart *ret_multipart, struct error *err) {
    ret_multipart->upload_id = xstrdup(request->match.parameters[0]);
    if (!request_query(request, "key", &ret_multipart->key, err)) {
        return false;
    }
    if (ret_multipart->key == NULL) {
        return request_refuse(request, "key", "is required", err);
    }
    return find(api, request, false, ret_multipart, err);
}

bool multipart_bind(struct api *api, struct request *request, const char *key, const char *upload_id,
                    struct multipart *ret_multipart, struct error *err) {
    ret_multipart->upload_id = xstrdup(upload_id);
    ret_multipart->key = xstrdup(key);
    return find(api, request, true, ret_multipart, err);
}
