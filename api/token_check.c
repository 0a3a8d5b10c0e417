#include "api/token_check.h"

#include "api/quota.h"

#include <string.h>

static void act_for(struct request *request, const struct upload_token *token) {
    request->principal = (struct principal){.scopes = SCOPE_UPLOAD, .rate_limit = -1};
    snprintf(request->principal.owner_id, sizeof request->principal.owner_id, "%s", token->owner_id);
    memcpy(request->principal.key_id, token->token_id, ID_TEXT_SIZE); /* it is one, to whoever counts by key */
}

bool token_check(struct api *api, struct request *request, struct error *err) {
    if (!upload_token_valid(request->token)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such token");
    }
    unsigned char hash[SHA256_SIZE];
    upload_token_hash(request->token, hash);
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    struct usage_limits quota = {0};
    bool found = upload_token_find(db, hash, &request->upload_token, err) &&
                 usage_find_limits(db, request->upload_token->owner_id, &quota, err);
    db_pool_give(api->database, db);
    if (found) {
        act_for(request, request->upload_token);
        request->principal.quota = quota;
        quota_fill(api->config, &request->principal);
    }
    return found;
}

bool token_allows(const struct upload_token *token, const struct upload_request *upload, struct error *err) {
    if (token == NULL) {
        return true;
    }
    if (token->max_bytes >= 0 && upload->size > token->max_bytes) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "this token takes files of at most %lld bytes",
                         (long long)token->max_bytes);
    }
    return upload_token_allows(token->patterns, upload->content_type) ||
           error_set(err, ERROR_UNSUPPORTED_TYPE, "this token takes other types only: %.300s", token->patterns);
}

int64_t token_limit(const struct upload_token *token, int64_t max_upload_bytes) {
    return token == NULL || token->max_bytes < 0 || token->max_bytes > max_upload_bytes ? max_upload_bytes
                                                                                        : token->max_bytes;
}
