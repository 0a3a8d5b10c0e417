#include "api/upload_commit.h"

#include "api/token_check.h"
#include "common/metrics.h"

#include <string.h>

void upload_plan_free(struct upload_plan *plan) {
    signer_wish_free(&plan->wish);
    buf_free(&plan->key);
}

bool upload_plan_draft(struct api *api, const struct request *request, struct upload_plan *plan, struct error *err) {
    if (!token_allows(request->upload_token, &plan->wish.upload, err)) {
        return false;
    }
    upload_ticket_draft(api, request->principal.owner_id, &plan->wish.upload, &plan->key, &plan->draft);
    return true;
}

struct upload_terms upload_plan_terms(const struct api *api, const struct request *request,
                                      const struct upload_plan *plan) {
    return (struct upload_terms){
        .file_id = plan->draft.file_id,
        .object_key = plan->draft.object_key,
        .content_type = plan->draft.content_type,
        .size = plan->draft.expected_size,
        .sha256 = plan->draft.expected_sha256,
        .method = plan->wish.upload.method,
        .limit = token_limit(request->upload_token, api->config->max_upload_bytes),
        .extra = plan->wish.metadata.fields,
        .extra_count = plan->wish.metadata.count,
    };
}

static bool put_upload_id(struct db *db, const char *file_id, const char *upload_id, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, file_id);
    db_param_text(&params, upload_id);
    return db_execute(db, SQL_MULTIPART_PUT, &params, err);
}

static bool insert_in(struct db *db, const struct file_draft *draft, const char *upload_id,
                      const struct upload_token *token, struct error *err) {
    return db_begin(db, err) && file_store_insert(db, &draft, 1, err) &&
           (upload_id == NULL || put_upload_id(db, draft->file_id, upload_id, err)) &&
           (token == NULL || upload_token_use(db, token->token_id, draft->file_id, err)) && db_commit(db, err);
}

static bool insert_alone(struct api *api, const struct file_draft *draft, const char *upload_id,
                         const struct upload_token *token, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool inserted = insert_in(db, draft, upload_id, token, err);
    if (!inserted) {
        db_rollback(db);
    }
    db_pool_give(api->database, db);
    return inserted;
}

bool upload_commit(struct api *api, struct request *request, const struct file_draft *draft, const char *upload_id,
                   struct error *err) {
    bool is_plain = upload_id == NULL && request->upload_token == NULL;
    if (!(is_plain ? file_inserter_insert(api->inserter, draft, err)
                   : insert_alone(api, draft, upload_id, request->upload_token, err))) {
        return false;
    }
    memcpy(request->file_id, draft->file_id, ID_TEXT_SIZE);
    metrics_increment(METRIC_PRESIGNED, 0);
    return true;
}
