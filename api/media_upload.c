#include "api/media_upload.h"

#include "api/media_json.h"
#include "api/quota.h"
#include "api/response.h"
#include "api/upload_limits.h"
#include "api/upload_ticket.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <string.h>

enum { CREATED = 201 };

/* Drafts, and the keys that they point to. */
struct batch {
    struct media_draft drafts[MEDIA_BATCH_MAX];
    struct buf keys[MEDIA_BATCH_MAX];
    char names[MEDIA_BATCH_MAX][ID_TEXT_SIZE + sizeof "_999999.jpg"];
    size_t count;
};

static void batch_free(struct batch *batch) {
    for (size_t i = 0; batch != NULL && i < batch->count; i++) {
        buf_free(&batch->keys[i]);
    }
    free(batch);
}
DEFINE_CLEANUP(struct batch *, batch)

int64_t media_upload_max_bytes(const struct config *config) {
    return config->media_max_bytes < config->max_upload_bytes ? config->media_max_bytes : config->max_upload_bytes;
}

static void mint_key(struct batch *batch, size_t i, const struct media_home *home, const char *filename) {
    struct media_draft *draft = &batch->drafts[i];
    switch (home->kind) {
    case MEDIA_ALBUM:
        media_key_album(&batch->keys[i], home->id, draft->file_id, filename);
        break;
    case MEDIA_AVATAR:
        media_key_avatar(&batch->keys[i], home->id, draft->file_id, filename);
        break;
    default:
        media_key_generated(&batch->keys[i], home->id, draft->file_id, draft->index);
    }
    draft->object_key = buf_text(&batch->keys[i]);
}

static void fill(struct batch *batch, const struct media_home *home, const struct upload_request *upload, size_t count,
                 int64_t first_index) {
    batch->count = count;
    for (size_t i = 0; i < count; i++) {
        struct media_draft *draft = &batch->drafts[i];
        *draft = (struct media_draft){
            .index = first_index + (int64_t)i,
            .filename = upload->filename,
            .content_type = upload->content_type[0] == '\0' ? NULL : upload->content_type,
            .external_id = upload->external_id,
            .expected_size = upload->size,
            .expected_sha256 = upload->sha256[0] == '\0' ? NULL : upload->sha256,
        };
        id_new(draft->file_id);
        if (draft->filename == NULL) {
            snprintf(batch->names[i], sizeof batch->names[i], "%s_%d.jpg", draft->file_id, (int)draft->index);
            draft->filename = batch->names[i];
        }
        mint_key(batch, i, home, draft->filename);
    }
}

static void append_ticket(const struct api *api, const struct media_draft *draft, struct buf *out) {
    char media_id[MEDIA_ID_SIZE];
    media_id_of(draft->object_key, draft->file_id, media_id);
    const struct upload_terms terms = {
        .file_id = draft->file_id,
        .media_id = media_id,
        .object_key = draft->object_key,
        .content_type = draft->content_type,
        .size = draft->expected_size,
        .sha256 = draft->expected_sha256,
        .method = UPLOAD_PUT,
    };
    upload_ticket_json(api, &terms, PENDING, clock_now_ms(), out);
}

static void append_tickets(const struct api *api, enum media_kind kind, const struct batch *batch, struct buf *out) {
    bool is_list = kind == MEDIA_GENERATED;
    buf_append_text(out, is_list ? "{\"media\":[" : "");
    for (size_t i = 0; i < batch->count; i++) {
        buf_append_text(out, i == 0 ? "" : ",");
        append_ticket(api, &batch->drafts[i], out);
    }
    buf_append_text(out, is_list ? "]}" : "");
}

/* The drafts' records within the owner's quota, committed. */
static bool insert(const struct api *api, struct db *db, const struct media_wish *wish, const struct batch *batch,
                   struct error *err) {
    const struct config *config = api->config;
    const char *file_ids[MEDIA_BATCH_MAX];
    for (size_t i = 0; i < batch->count; i++) {
        file_ids[i] = batch->drafts[i].file_id;
    }
    return media_insert(db, &wish->home, config->s3_bucket, config->presign_ttl_s, config->sweep_age_s, batch->drafts,
                        batch->count, err) &&
           quota_admit(db, wish->principal, file_ids, batch->count, wish->max_bytes, err) && db_commit(db, err);
}

/* enter → mint → insert; the transaction holds what the media belong to. ret_first false: another request with the same
 * Idempotency-Key was first, and nothing was made. */
static bool commit(const struct api *api, struct db *db, const struct media_wish *wish, struct buf *out,
                   bool *ret_first, struct error *err) {
    _cleanup_(batch_freep) struct batch *batch = xcalloc(1, sizeof *batch);
    int64_t first_index = 0;
    *ret_first = true;
    if (!media_enter(db, &wish->home, wish->count, &first_index, err)) {
        return false;
    }
    fill(batch, &wish->home, wish->upload, wish->count, first_index);
    append_tickets(api, wish->home.kind, batch, out);
    if (wish->ret_file_id != NULL) {
        memcpy(wish->ret_file_id, batch->drafts[0].file_id, ID_TEXT_SIZE);
    }
    if (wish->idempotency.key != NULL) {
        bool is_stored = idempotency_store(db, &wish->idempotency, CREATED, buf_text(out), ret_first, err);
        if (!is_stored || !*ret_first) {
            db_rollback(db);
            return is_stored;
        }
    }
    return insert(api, db, wish, batch, err);
}

/* Makes the media, or finds what was answered to the first request with this Idempotency-Key. */
static bool settle(const struct api *api, struct db *db, const struct media_wish *wish, struct buf *out,
                   bool *ret_replayed, struct error *err) {
    for (int attempt = 0; attempt < IDEMPOTENCY_ATTEMPTS; attempt++) {
        struct idempotency_answer answer = {0};
        bool is_first = false;
        if (wish->idempotency.key != NULL && !idempotency_find(db, &wish->idempotency, &answer, err)) {
            return false;
        }
        _cleanup_(freep) char *body = answer.body;
        buf_clear(out);
        if (answer.status != 0) {
            buf_append_text(out, body);
            *ret_replayed = true;
            return true;
        }
        if (!commit(api, db, wish, out, &is_first, err)) {
            return false;
        }
        if (is_first) {
            return true;
        }
    }
    return error_set(err, ERROR_DATABASE_CONFLICT, "the Idempotency-Key keeps changing hands");
}

bool media_upload_make(struct api *api, const struct media_wish *wish, struct buf *out, bool *ret_replayed,
                       struct error *err) {
    struct db *db = NULL;
    *ret_replayed = false;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool made = quota_prepare(db, wish->principal, err) && settle(api, db, wish, out, ret_replayed, err);
    db_pool_give(api->database, db);
    if (made && !*ret_replayed) {
        metrics_add(METRIC_PRESIGNED, 0, (int64_t)wish->count);
    }
    return made;
}

bool media_upload_answer(struct api *api, struct request *request, const struct media_home *home,
                         const struct upload_request *upload, size_t count, struct error *err) {
    struct media_wish wish = {.home = *home, .upload = upload, .count = count, .principal = &request->principal};
    const struct upload_limits limits = upload_limits_of(api, request, media_kind_name(home->kind));
    wish.max_bytes = limits.max_bytes;
    wish.ret_file_id = request->file_id; /* for the log */
    _cleanup_(buf_free) struct buf json = {0};
    bool is_replayed = false;
    if (!upload_limits_check_type(&limits, upload->content_type, err) ||
        !idempotency_of(request, &wish.idempotency, err) || !media_upload_make(api, &wish, &json, &is_replayed, err)) {
        return false;
    }
    if (is_replayed) {
        response_header(request, IDEMPOTENT_REPLAYED, "true");
    }
    response_json(request, CREATED, &json);
    return true;
}

void media_upload_ticket(const struct api *api, const struct file_record *record, struct buf *out) {
    char media_id[MEDIA_ID_SIZE];
    media_id_of_record(record, media_id);
    const struct upload_terms terms = {
        .file_id = record->file_id,
        .media_id = media_id,
        .object_key = record->object_key,
        .content_type = record->content_type,
        .size = record->expected_size,
        .sha256 = record->expected_sha256,
        .method = UPLOAD_PUT,
    };
    upload_ticket_json(api, &terms, PENDING, clock_now_ms(), out);
}
