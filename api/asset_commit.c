#include "api/asset_commit.h"

#include "api/idempotency.h"
#include "api/json_writer.h"
#include "api/quota.h"
#include "common/encode.h"

#include <string.h>

enum { ATTEMPTS = 3, ANSWER_STATUS = 200 };

/* What is committed together. */
struct commitment {
    const struct file_draft *draft;
    const struct file_arrival *arrival;
    const struct idempotency *idempotency; /* NULL: no key */
    const char *answer;
    const struct principal *principal;
};

static void task_json(const char *task_id, struct buf *out) {
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "task_id", task_id);
    json_writer_text(&writer, "status", "processing");
    json_writer_close(&writer, '}');
}

/* ret_first false: the key has an answer already, nothing was written. ret_unknown: a commit was sent and its outcome is not
 * known; the same again, which finds what it wrote, tells. */
static bool write_records(struct db *db, const struct commitment *commitment, bool *ret_first, bool *ret_unknown,
                          struct error *err) {
    enum file_arrival_effect effect = ARRIVAL_UNKNOWN;
    *ret_first = true;
    if (!db_begin(db, err) ||
        (commitment->idempotency != NULL &&
         !idempotency_store(db, commitment->idempotency, ANSWER_STATUS, commitment->answer, ret_first, err))) {
        return false;
    }
    if (!*ret_first) {
        db_rollback(db);
        return true;
    }
    if (!file_store_insert_missing(db, commitment->draft, err) ||
        !file_state_arrive(db, commitment->arrival, 1, &effect, err)) {
        db_rollback(db);
        return false;
    }
    if (!quota_admit_arrived(db, commitment->principal, err)) {
        return false;
    }
    bool committed = db_commit(db, err);
    *ret_unknown = !committed;
    return committed;
}

/* ret_answer: the earlier one, NULL when ours is the first. */
static bool settle(struct db *db, const struct commitment *commitment, char **ret_answer, bool *ret_unknown,
                   struct error *err) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        bool first = false;
        if (!write_records(db, commitment, &first, ret_unknown, err)) {
            if (*ret_unknown && attempt + 1 < ATTEMPTS) {
                continue;
            }
            return false;
        }
        if (first) {
            *ret_unknown = false;
            return true;
        }
        struct idempotency_answer answer = {0};
        if (!idempotency_find(db, commitment->idempotency, &answer, err)) {
            return false;
        }
        if (answer.status != 0) {
            *ret_unknown = false;
            *ret_answer = answer.body;
            return true;
        }
    }
    return error_set(err, ERROR_DATABASE_CONFLICT, "the Idempotency-Key keeps changing hands");
}

/* What makes two requests the same: the file, its name and the caller's id of it. */
static bool read_key(const struct request *request, const struct asset_form *form, const struct asset_upload *upload,
                     struct idempotency *ret_idempotency, struct error *err) {
    *ret_idempotency = (struct idempotency){.owner_id = request->principal.owner_id,
                                            .key = request_header(request, "Idempotency-Key")};
    if (ret_idempotency->key == NULL) {
        return true;
    }
    if (!idempotency_key_valid(ret_idempotency->key)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "Idempotency-Key must have 1 to %d visible ASCII characters",
                         IDEMPOTENCY_KEY_MAX);
    }
    _cleanup_(buf_free) struct buf text = {0};
    buf_append(&text, upload->object.sha256, sizeof upload->object.sha256);
    buf_append(&text, buf_text(&form->filename), form->filename.length + 1);
    buf_append_text(&text, buf_text(&form->external_id));
    sha256_of(text.data, text.length, ret_idempotency->request_hash);
    return true;
}

static struct file_draft draft_of(const struct api *api, const struct request *request, const struct asset_form *form,
                                  const struct asset_upload *upload, const char *sha256) {
    struct file_draft draft = {
        .kind = "asset",
        .owner_id = request->principal.owner_id,
        .external_id = form->external_id.length == 0 ? NULL : buf_text(&form->external_id),
        .filename = buf_text(&form->filename),
        .content_type = form->content_type[0] == '\0' ? NULL : form->content_type,
        .expected_size = upload->object.size,
        .expected_sha256 = sha256,
        .bucket = api->config->s3_bucket,
        .object_key = buf_text(&upload->object.key),
        .upload_method = "SERVER",
        .ttl_s = api->config->presign_ttl_s,
        .sweep_age_s = api->config->sweep_age_s,
    };
    memcpy(draft.file_id, upload->object.file_id, ID_TEXT_SIZE);
    return draft;
}

bool asset_commit(struct api *api, const struct request *request, const struct asset_form *form,
                  struct asset_upload *upload, struct buf *ret_json, bool *ret_replayed, struct error *err) {
    char sha256[SHA256_HEX_SIZE];
    struct idempotency idempotency = {0};
    encode_hex(upload->object.sha256, sizeof upload->object.sha256, sha256);
    const struct file_draft draft = draft_of(api, request, form, upload, sha256);
    const struct s3_object *object = &upload->object.object;
    const struct file_arrival arrival = {
        .bucket = draft.bucket,
        .object_key = draft.object_key,
        .size = upload->object.size,
        .etag = object->etag[0] == '\0' ? NULL : object->etag,
        .version_id = object->version_id[0] == '\0' ? NULL : object->version_id,
    };
    _cleanup_(buf_free) struct buf json = {0};
    task_json(upload->object.file_id, &json);
    struct db *db = NULL;
    if (!read_key(request, form, upload, &idempotency, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    const struct commitment commitment = {&draft, &arrival, idempotency.key == NULL ? NULL : &idempotency, json.data,
                                          &request->principal};
    _cleanup_(freep) char *earlier = NULL;
    bool unknown = false;
    bool settled = quota_prepare(db, commitment.principal, err) && settle(db, &commitment, &earlier, &unknown, err);
    db_pool_give(api->database, db);
    /* Our own commit may have been the one whose answer was lost. */
    *ret_replayed = settled && earlier != NULL && strcmp(earlier, json.data) != 0;
    upload->object.kept = unknown || (settled && !*ret_replayed);
    if (settled) {
        buf_append_text(ret_json, *ret_replayed ? earlier : json.data);
    }
    return settled;
}
