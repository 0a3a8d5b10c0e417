#include "common/upload_token_store.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

void upload_token_draft_start(struct upload_token_draft *draft, char ret_token[UPLOAD_TOKEN_TEXT_SIZE]) {
    id_new(draft->token_id);
    upload_token_new(ret_token);
    upload_token_hash(ret_token, draft->hash);
}

static void add_limit(struct db_params *params, int64_t limit) {
    if (limit < 0) {
        db_param_text(params, NULL);
    } else {
        db_param_int(params, limit);
    }
}

bool upload_token_create(struct db *db, const struct upload_token_draft *draft, char ret_expires_at[CLOCK_TEXT_SIZE],
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, draft->token_id);
    db_param_bytes(&params, draft->hash, SHA256_SIZE);
    db_param_text(&params, draft->owner_id);
    db_param_text(&params, draft->name == NULL ? "" : draft->name);
    db_param_int(&params, draft->expires_in_s);
    add_limit(&params, draft->max_uploads);
    add_limit(&params, draft->max_bytes);
    db_array_start(&params);
    for (size_t i = 0; i < draft->pattern_count; i++) {
        db_array_add_text(&params, draft->patterns[i]);
    }
    db_array_end(&params);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_UPLOAD_TOKEN_CREATE, &params, &result, err)) {
        return false;
    }
    const char *expires_at = db_rows(result) == 1 ? db_text(result, 0, 0) : NULL;
    snprintf(ret_expires_at, CLOCK_TEXT_SIZE, "%s", expires_at == NULL ? "" : expires_at);
    return true;
}

void upload_token_free(struct upload_token *token) {
    if (token != NULL) {
        free(token->owner_id);
        free(token->patterns);
        free(token);
    }
}

bool upload_token_find(struct db *db, const unsigned char hash[SHA256_SIZE], struct upload_token **ret_token,
                       struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_bytes(&params, hash, SHA256_SIZE);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_UPLOAD_TOKEN_FIND, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such token");
    }
    if (db_bool(result, 0, 4)) {
        return error_set(err, ERROR_TOKEN_EXPIRED, "the token has expired; ask for a new one");
    }
    struct upload_token *token = xcalloc(1, sizeof *token);
    snprintf(token->token_id, sizeof token->token_id, "%s", db_text(result, 0, 0));
    token->owner_id = xstrdup(db_text(result, 0, 1));
    token->max_bytes = db_int(result, 0, 2);
    token->patterns = xstrdup(db_text(result, 0, 3));
    *ret_token = token;
    return true;
}

bool upload_token_use(struct db *db, const char *token_id, const char *file_id, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, token_id);
    db_param_text(&params, file_id);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_UPLOAD_TOKEN_USE, &params, &result, err)) {
        return false;
    }
    return db_rows(result) == 1 || error_set(err, ERROR_TOKEN_USED_UP, "the token allows no more uploads");
}

bool upload_token_revoke(struct db *db, const char *token_id, const char *owner_id, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, token_id);
    db_param_text(&params, owner_id);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_UPLOAD_TOKEN_REVOKE, &params, &result, err)) {
        return false;
    }
    return db_rows(result) == 1 || error_set(err, ERROR_NOT_FOUND, "there is no such token");
}
