#include "api/asset_upload.h"

#include "common/asset_key.h"
#include "common/encode.h"
#include "common/metrics.h"

#include <inttypes.h>
#include <string.h>

static void count_memory(const struct api *api) {
    metrics_set(METRIC_ASSET_MEMORY, 0, memory_budget_taken(api->asset_memory));
}

/* A body without a length could be as long as a file may be, but parts that suit the largest of all would take too much memory
 * for most: it may have what the smallest parts hold. */
static int64_t limit_of(int64_t max_bytes, int64_t body_bytes) {
    int64_t chunked_max = (int64_t)S3_PARTS_MAX * S3_PART_MIN_BYTES;
    int64_t known = body_bytes >= 0 ? body_bytes : chunked_max;
    return known < max_bytes ? known : max_bytes;
}

static bool too_large(int64_t max_bytes, struct error *err) {
    return error_set(err, ERROR_FILE_TOO_LARGE, "files may have at most %" PRId64 " bytes", max_bytes);
}

/* Of a file of this caller. */
static int64_t file_max_bytes(const struct asset_upload *upload) {
    return kind_policy_smaller(upload->api->config->max_upload_bytes, upload->limits.max_bytes);
}

bool asset_upload_start(struct api *api, int64_t body_bytes, struct asset_upload *upload, struct error *err) {
    upload->api = api;
    int64_t max_bytes = file_max_bytes(upload);
    if (body_bytes > max_bytes && body_bytes - max_bytes > ASSET_FORM_ROOM) {
        return too_large(max_bytes, err);
    }
    upload->max_bytes = limit_of(max_bytes, body_bytes);
    int64_t bytes = s3_writer_memory(upload->max_bytes, (size_t)api->config->asset_parts_in_flight);
    if (!memory_budget_take(api->asset_memory, bytes, err)) {
        return false;
    }
    upload->reserved = bytes;
    upload->hash = sha256_new();
    count_memory(api);
    return true;
}

static void give_clients(struct asset_upload *upload) {
    while (upload->client_count > 0) {
        s3_pool_give(upload->api->asset_store, upload->clients[--upload->client_count]);
    }
}

void asset_upload_free(struct asset_upload *upload) {
    struct error ignored = {0};
    s3_writer_free(upload->writer);
    if (upload->written && !upload->kept) {
        (void)!s3_client_delete(upload->clients[0], buf_text(&upload->key), &ignored); /* else the sweeper does */
    }
    give_clients(upload);
    if (upload->reserved > 0) {
        memory_budget_give(upload->api->asset_memory, upload->reserved);
        count_memory(upload->api);
    }
    sha256_free(upload->hash);
    buf_free(&upload->key);
}

/* One for each part in flight; what is put whole needs only one. */
static bool take_clients(struct asset_upload *upload, struct error *err) {
    size_t wanted = (size_t)upload->api->config->asset_parts_in_flight;
    if (upload->max_bytes <= s3_writer_part_bytes(upload->max_bytes)) {
        wanted = 1;
    }
    while (upload->client_count < wanted) {
        if (!s3_pool_take(upload->api->asset_store, &upload->clients[upload->client_count], err)) {
            return false;
        }
        upload->client_count++;
    }
    return true;
}

bool asset_upload_begin(void *context, const struct asset_form *form, struct error *err) {
    struct asset_upload *upload = context;
    if (!upload_limits_check_type(&upload->limits, form->content_type, err) || !take_clients(upload, err)) {
        return false;
    }
    id_new(upload->file_id);
    asset_key_staging(&upload->key, upload->file_id, buf_text(&form->filename));
    const struct s3_writer_options options = {
        .clients = upload->clients,
        .client_count = upload->client_count,
        .key = buf_text(&upload->key),
        .content_type = form->content_type[0] == '\0' ? NULL : form->content_type,
        .max_bytes = upload->max_bytes,
    };
    upload->writer = s3_writer_new(&options);
    return true;
}

bool asset_upload_write(void *context, const void *bytes, size_t length, struct error *err) {
    struct asset_upload *upload = context;
    metrics_add(METRIC_ASSET_BYTES, 0, (int64_t)length);
    int64_t max_bytes = file_max_bytes(upload);
    if ((int64_t)length > max_bytes - upload->size) {
        return too_large(max_bytes, err);
    }
    upload->size += (int64_t)length;
    sha256_update(upload->hash, bytes, length);
    return s3_writer_write(upload->writer, bytes, length, err);
}

bool asset_upload_finish(struct asset_upload *upload, const struct asset_form *form, struct error *err) {
    char hex[SHA256_HEX_SIZE];
    if (upload->size == 0) {
        return error_set(err, ERROR_EMPTY_OBJECT, "the file has no bytes");
    }
    sha256_finish(upload->hash, upload->sha256);
    encode_hex(upload->sha256, sizeof upload->sha256, hex);
    if (form->sha256[0] != '\0' && strcmp(form->sha256, hex) != 0) {
        return error_set(err, ERROR_HASH_MISMATCH, "the file's SHA-256 is %s", hex);
    }
    if (!s3_writer_finish(upload->writer, upload->sha256, &upload->object, err)) {
        return false;
    }
    s3_writer_free(take_ptr(upload->writer));
    upload->written = true;
    return true;
}
