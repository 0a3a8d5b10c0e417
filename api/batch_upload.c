#include "api/batch_upload.h"

#include "api/media_upload.h"
#include "api/upload_limits.h"
#include "common/batch_store.h"
#include "common/clock.h"
#include "common/media_key.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <string.h>

enum { MS_PER_S = 1000, EXTENSIONS_PER_LEASE = 3 };

enum batch_end { BATCH_ACCEPTED, BATCH_REFUSED, BATCH_FAILED, BATCH_END_COUNT };
static const char *const end_names[BATCH_END_COUNT] = {"accepted", "running", "failed"};

struct staged_photo {
    char file_id[ID_TEXT_SIZE];
    char *filename, *content_type, *staged_key, *object_key;
    char etag[S3_ETAG_SIZE];
    int64_t size;
    unsigned char sha256[SHA256_SIZE];
};

bool batch_upload_start(struct api *api, const char *owner_id, int64_t body_bytes, struct batch_upload *upload,
                        struct error *err) {
    int64_t limit = media_upload_max_bytes(api->config);
    upload->api = api;
    upload->owner_id = owner_id;
    upload->max_bytes = body_bytes >= 0 && body_bytes < limit ? body_bytes : limit;
    int64_t bytes = streamed_object_memory(api, upload->max_bytes);
    if (!streamed_object_reserve(api, bytes, err)) {
        return false;
    }
    upload->reserved = bytes;
    return true;
}

/* Bytes may rightly take that long to come: a slow client keeps its album, one that is gone does not. */
static int64_t lease_s(const struct batch_upload *upload) {
    return upload->api->config->batch_lease_s + upload->api->config->asset_stall_s;
}

static void plan_extension(struct batch_upload *upload) {
    upload->extend_at_ms = clock_monotonic_ms() + upload->api->config->batch_lease_s * MS_PER_S / EXTENSIONS_PER_LEASE;
}

bool batch_upload_open(void *context, const struct batch_form *form, struct error *err) {
    struct batch_upload *upload = context;
    struct db *db = NULL;
    char batch_id[ID_TEXT_SIZE];
    bool is_open = false;
    id_new(batch_id);
    memcpy(upload->album_id, form->album_id, ID_TEXT_SIZE);
    if (!api_take_database(upload->api, &db, err)) {
        return false;
    }
    bool is_asked = batch_open(db, upload->owner_id, upload->album_id, batch_id, lease_s(upload), &is_open, err);
    db_pool_give(upload->api->database, db);
    if (!is_asked) {
        return false;
    }
    if (!is_open) {
        return error_set(err, ERROR_BATCH_RUNNING, "the album takes its next batch when this one is done");
    }
    memcpy(upload->batch_id, batch_id, ID_TEXT_SIZE);
    plan_extension(upload);
    return true;
}

/* While bytes come; now and then. */
static bool extend(struct batch_upload *upload, struct error *err) {
    struct db *db = NULL;
    bool is_held = false;
    if (upload->batch_id[0] == '\0' || clock_monotonic_ms() < upload->extend_at_ms) {
        return true;
    }
    if (!api_take_database(upload->api, &db, err)) {
        return false;
    }
    bool is_asked = batch_extend(db, upload->batch_id, lease_s(upload), upload->count, &is_held, err);
    db_pool_give(upload->api->database, db);
    plan_extension(upload);
    return is_asked &&
           (is_held || error_set(err, ERROR_CONFLICT, "the album was deleted, or the upload stood still for too long"));
}

bool batch_upload_begin(void *context, const struct batch_form *form, struct error *err) {
    struct batch_upload *upload = context;
    const struct upload_limits limits = upload_limits_of(upload->api, upload->request, "media");
    if (!upload_limits_check_type(&limits, form->content_type, err)) {
        return error_prefix(err, "%.100s", buf_text(&form->filename));
    }
    upload->object =
        (struct streamed_object){.api = upload->api, .limit = limits.max_bytes, .max_bytes = upload->max_bytes};
    return streamed_object_begin(&upload->object, buf_text(&form->filename), form->content_type, err);
}

bool batch_upload_write(void *context, const void *bytes, size_t length, struct error *err) {
    struct batch_upload *upload = context;
    return extend(upload, err) && streamed_object_write(&upload->object, bytes, length, err);
}

static void note_staged(struct batch_upload *upload, const struct batch_form *form) {
    struct streamed_object *object = &upload->object;
    if (upload->photos == NULL) {
        upload->photos = xcalloc(form->photos_max, sizeof *upload->photos);
    }
    struct staged_photo *photo = &upload->photos[upload->count++];
    *photo = (struct staged_photo){
        .filename = xstrdup(buf_text(&form->filename)),
        .content_type = xstrdup(form->content_type),
        .staged_key = buf_take(&object->key),
        .size = object->size,
    };
    memcpy(photo->file_id, object->file_id, ID_TEXT_SIZE);
    memcpy(photo->etag, object->object.etag, sizeof photo->etag);
    memcpy(photo->sha256, object->sha256, SHA256_SIZE);
    object->kept = true;
}

bool batch_upload_end(void *context, const struct batch_form *form, struct error *err) {
    struct batch_upload *upload = context;
    if (!streamed_object_end(&upload->object, err) || !streamed_object_finish(&upload->object, err)) {
        return error_prefix(err, "%.100s", buf_text(&form->filename));
    }
    note_staged(upload, form);
    streamed_object_free(&upload->object);
    upload->object = (struct streamed_object){.api = upload->api};
    return true;
}

bool batch_upload_accept(struct batch_upload *upload, struct error *err) {
    const struct config *config = upload->api->config;
    struct db *db = NULL;
    _cleanup_(freep) struct batch_photo *photos = xcalloc(upload->count, sizeof *photos);
    for (size_t i = 0; i < upload->count; i++) {
        struct staged_photo *staged = &upload->photos[i];
        _cleanup_(buf_free) struct buf key = {0};
        media_key_album(&key, upload->album_id, staged->file_id, staged->filename);
        staged->object_key = buf_take(&key);
        photos[i] = (struct batch_photo){
            .filename = staged->filename,
            .content_type = staged->content_type,
            .staged_key = staged->staged_key,
            .object_key = staged->object_key,
            .etag = staged->etag[0] == '\0' ? NULL : staged->etag,
            .size = staged->size,
        };
        memcpy(photos[i].file_id, staged->file_id, ID_TEXT_SIZE);
        memcpy(photos[i].sha256, staged->sha256, SHA256_SIZE);
    }
    const struct batch_acceptance acceptance = {
        .batch_id = upload->batch_id,
        .owner_id = upload->owner_id,
        .album_id = upload->album_id,
        .bucket = config->s3_bucket,
        .album_limit = config->batch_concurrency,
        .total_limit = config->batch_concurrency_total,
        .quota = upload->request->principal.quota,
        .photos = photos,
        .count = upload->count,
    };
    if (!api_take_database(upload->api, &db, err)) {
        return false;
    }
    bool is_accepted = batch_accept(db, &acceptance, &upload->kept, err);
    db_pool_give(upload->api->database, db);
    return is_accepted;
}

static void remove_staged(struct batch_upload *upload) {
    struct s3_client *client = NULL;
    struct error ignored = {0};
    _cleanup_(freep) const char **keys = xcalloc(upload->count + 1, sizeof *keys);
    for (size_t i = 0; i < upload->count; i++) {
        keys[i] = upload->photos[i].staged_key;
    }
    if (upload->count > 0 && s3_pool_take(upload->api->store, &client, &ignored)) {
        (void)!s3_client_delete_many(client, keys, upload->count, &ignored);
        s3_pool_give(upload->api->store, client);
    }
}

static void drop_lock(struct batch_upload *upload) {
    struct db *db = NULL;
    struct error ignored = {0};
    if (upload->batch_id[0] != '\0' && api_take_database(upload->api, &db, &ignored)) {
        (void)!batch_drop(db, upload->batch_id, &ignored);
        db_pool_give(upload->api->database, db);
    }
}

void batch_upload_free(struct batch_upload *upload) {
    streamed_object_free(&upload->object);
    if (!upload->kept) {
        remove_staged(upload);
        drop_lock(upload);
    }
    for (size_t i = 0; i < upload->count; i++) {
        free(upload->photos[i].filename);
        free(upload->photos[i].content_type);
        free(upload->photos[i].staged_key);
        free(upload->photos[i].object_key);
    }
    free(upload->photos);
    if (upload->reserved > 0) {
        streamed_object_give_back(upload->api, upload->reserved);
    }
}

void batch_upload_count(const struct batch_upload *upload, const struct error *err) {
    bool is_refused = err != NULL && err->code == ERROR_BATCH_RUNNING;
    metrics_increment(METRIC_BATCHES, err == NULL ? BATCH_ACCEPTED : is_refused ? BATCH_REFUSED : BATCH_FAILED);
    metrics_add(METRIC_BATCH_PHOTOS, 0, err == NULL ? (int64_t)upload->count : 0);
}

void batch_upload_label_metrics(void) {
    metrics_label(METRIC_BATCHES, end_names, BATCH_END_COUNT);
}
