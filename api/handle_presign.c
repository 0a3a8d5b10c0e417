/* POST /files/presigned-upload: checks the wish, mints id and key, signs, and commits the record before it answers. */

#include "api/file_json.h"
#include "api/handlers.h"
#include "api/idempotency.h"
#include "api/quota.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "api/upload_ticket.h"
#include "common/clock.h"
#include "common/metrics.h"

#include <string.h>

/* What to answer, and the record that must be committed before; none for a duplicate. */
struct outcome {
    int status;
    struct buf json;
    bool has_draft;
    struct file_draft draft;
    struct buf key;
    int64_t max_bytes; /* that the signature allows, if no size was declared */
};

static void outcome_free(struct outcome *outcome) {
    buf_free(&outcome->json);
    buf_free(&outcome->key);
}

static bool find_duplicate(struct api *api, const struct request *request, const struct upload_request *upload,
                           struct file_records *ret_records, struct error *err) {
    if (upload->sha256[0] == '\0') {
        return true;
    }
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    const char *sha256 = upload->sha256;
    bool found = file_store_find_hashes(db, request->principal.owner_id, &sha256, 1, ret_records, err);
    db_pool_give(api->database, db);
    return found;
}

static void answer_duplicate(const struct api *api, const struct file_record *record, struct outcome *outcome) {
    outcome->status = 200;
    struct json_writer writer = json_writer_to(&outcome->json);
    json_writer_open(&writer, NULL, '{');
    file_json_members(api, record, clock_now_ms(), &writer);
    json_writer_bool(&writer, "duplicate", true);
    json_writer_close(&writer, '}');
}

static void answer_ticket(const struct api *api, enum upload_method method, struct outcome *outcome) {
    const struct file_draft *draft = &outcome->draft;
    const struct upload_terms terms = {
        .file_id = draft->file_id,
        .object_key = draft->object_key,
        .content_type = draft->content_type,
        .size = draft->expected_size,
        .sha256 = draft->expected_sha256,
        .method = method,
        .limit = outcome->max_bytes,
    };
    outcome->status = 201;
    buf_reserve(&outcome->json, 3072);
    upload_ticket_json(api, &terms, PENDING, clock_now_ms(), &outcome->json);
}

static bool insert(struct db *db, const struct principal *principal, const struct outcome *outcome, struct error *err) {
    const struct file_draft *draft = &outcome->draft;
    const char *file_id = draft->file_id;
    return !outcome->has_draft ||
           (file_store_insert(db, &draft, 1, err) && quota_admit(db, principal, &file_id, 1, outcome->max_bytes, err));
}

/* One transaction: the stored answer and its record. ret_first false: another request with this key was first. */
static bool commit_first(struct db *db, const struct principal *principal, const struct idempotency *idempotency,
                         const struct outcome *outcome, bool *ret_first, struct error *err) {
    if (!db_begin(db, err) ||
        !idempotency_store(db, idempotency, outcome->status, outcome->json.data, ret_first, err)) {
        return false;
    }
    if (!*ret_first) {
        db_rollback(db);
        return true;
    }
    return insert(db, principal, outcome, err) && db_commit(db, err);
}

/* Finds the first answer, or makes this one the first. ret_replayed: outcome holds the earlier one. */
static bool settle_idempotent(struct db *db, const struct principal *principal, const struct idempotency *idempotency,
                              struct outcome *outcome, bool *ret_replayed, struct error *err) {
    for (int attempt = 0; attempt < IDEMPOTENCY_ATTEMPTS; attempt++) {
        struct idempotency_answer answer = {0};
        if (!idempotency_find(db, idempotency, &answer, err)) {
            return false;
        }
        _cleanup_(freep) char *body = answer.body;
        if (answer.status != 0) {
            buf_clear(&outcome->json);
            buf_append_text(&outcome->json, body);
            outcome->status = answer.status;
            *ret_replayed = true;
            return true;
        }
        bool first = false;
        if (!commit_first(db, principal, idempotency, outcome, &first, err)) {
            return false;
        }
        if (first) {
            return true;
        }
    }
    return error_set(err, ERROR_DATABASE_CONFLICT, "the Idempotency-Key keeps changing hands");
}

static bool commit_idempotent(struct api *api, struct request *request, const struct idempotency *idempotency,
                              struct outcome *outcome, struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool replayed = false;
    const struct principal *principal = &request->principal;
    bool settled =
        quota_prepare(db, principal, err) && settle_idempotent(db, principal, idempotency, outcome, &replayed, err);
    db_pool_give(api->database, db);
    if (settled && replayed) {
        request->file_id[0] = '\0';
        response_header(request, IDEMPOTENT_REPLAYED, "true");
    }
    return settled;
}

static bool commit(struct api *api, struct request *request, struct outcome *outcome, struct error *err) {
    struct idempotency idempotency;
    if (!idempotency_of(request, &idempotency, err)) {
        return false;
    }
    if (idempotency.key != NULL) {
        return commit_idempotent(api, request, &idempotency, outcome, err);
    }
    return !outcome->has_draft || quota_insert_file(api, &request->principal, &outcome->draft, outcome->max_bytes, err);
}

bool handle_presign(struct api *api, struct request *request, struct error *err) {
    struct upload_request upload;
    const struct upload_limits limits = upload_limits_of(api, request, "file");
    if (!upload_policy_read(&request->reader, limits.max_bytes, UPLOAD_POST, &upload, err) ||
        !upload_limits_check_type(&limits, upload.content_type, err)) {
        return false;
    }
    _cleanup_(file_records_free) struct file_records known = {0};
    if (!find_duplicate(api, request, &upload, &known, err)) {
        return false;
    }
    _cleanup_(outcome_free) struct outcome outcome = {0};
    if (known.count == 1 && known.items[0] != NULL) {
        answer_duplicate(api, known.items[0], &outcome);
        memcpy(request->file_id, known.items[0]->file_id, ID_TEXT_SIZE);
    } else {
        outcome.has_draft = true;
        outcome.max_bytes = kind_policy_smaller(limits.max_bytes, UPLOAD_SINGLE_MAX_BYTES);
        upload_ticket_draft(api, request->principal.owner_id, &upload, &outcome.key, &outcome.draft);
        answer_ticket(api, upload.method, &outcome);
        memcpy(request->file_id, outcome.draft.file_id, ID_TEXT_SIZE);
    }
    if (!commit(api, request, &outcome, err)) {
        return false;
    }
    metrics_add(METRIC_PRESIGNED, 0, outcome.status == 201 ? 1 : 0);
    response_json(request, outcome.status, &outcome.json);
    return true;
}
