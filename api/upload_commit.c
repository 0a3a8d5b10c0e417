#include "api/upload_commit.h"

#include "api/quota.h"
#include "api/token_check.h"
#include "api/upload_limits.h"
#include "common/metrics.h"

#include <string.h>

void upload_plan_free(struct upload_plan *plan) {
    signer_wish_free(&plan->wish);
    buf_free(&plan->key);
}

/* Bytes that the caller may upload at once: by the settings, the key and the token. */
static int64_t limit_of(const struct api *api, const struct request *request) {
    return token_limit(request->upload_token, upload_limits_of(api, request, "file").max_bytes);
}

bool upload_plan_draft(struct api *api, const struct request *request, struct upload_plan *plan, struct error *err) {
    const struct upload_limits limits = upload_limits_of(api, request, "file");
    if (!token_allows(request->upload_token, &plan->wish.upload, err) ||
        !upload_limits_check_type(&limits, plan->wish.upload.content_type, err)) {
        return false;
    }
    if (plan->wish.upload.size > limits.max_bytes) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "files may have at most %lld bytes", (long long)limits.max_bytes);
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
        .limit = limit_of(api, request),
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

static bool insert_in(struct api *api, struct db *db, const struct request *request, const struct file_draft *draft,
                      const char *upload_id, struct error *err) {
    const char *file_id = draft->file_id;
    const struct upload_token *token = request->upload_token;
    int64_t undeclared_bytes = limit_of(api, request);
    if (upload_id == NULL) {
        undeclared_bytes = kind_policy_smaller(undeclared_bytes, UPLOAD_SINGLE_MAX_BYTES);
    }
    return quota_prepare(db, &request->principal, err) && db_begin(db, err) && file_store_insert(db, &draft, 1, err) &&
           (upload_id == NULL || put_upload_id(db, file_id, upload_id, err)) &&
           (token == NULL || upload_token_use(db, token->token_id, file_id, err)) &&
           quota_admit(db, &request->principal, &file_id, 1, undeclared_bytes, err) && db_commit(db, err);
}

static bool insert_alone(struct api *api, const struct request *request, const struct file_draft *draft,
                         const char *upload_id, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool inserted = insert_in(api, db, request, draft, upload_id, err);
    if (!inserted) {
        db_rollback(db);
    }
    db_pool_give(api->database, db);
    return inserted;
}

bool upload_commit(struct api *api, struct request *request, const struct file_draft *draft, const char *upload_id,
                   struct error *err) {
    bool is_plain = upload_id == NULL && request->upload_token == NULL && !quota_applies(&request->principal);
    if (!(is_plain ? file_inserter_insert(api->inserter, draft, err)
                   : insert_alone(api, request, draft, upload_id, err))) {
        return false;
    }
    memcpy(request->file_id, draft->file_id, ID_TEXT_SIZE);
    metrics_increment(METRIC_PRESIGNED, 0);
    return true;
}
