#include "api/streamed_object.h"

#include "common/asset_key.h"
#include "common/metrics.h"

#include <inttypes.h>

int64_t streamed_object_memory(const struct api *api, int64_t max_bytes) {
    return s3_writer_memory(max_bytes, (size_t)api->config->asset_parts_in_flight);
}

static void count_memory(const struct api *api) {
    metrics_set(METRIC_ASSET_MEMORY, 0, memory_budget_taken(api->asset_memory));
}

bool streamed_object_reserve(struct api *api, int64_t bytes, struct error *err) {
    bool is_taken = memory_budget_take(api->asset_memory, bytes, err);
    count_memory(api);
    return is_taken;
}

void streamed_object_give_back(struct api *api, int64_t bytes) {
    memory_budget_give(api->asset_memory, bytes);
    count_memory(api);
}

/* One for each part in flight; what is put whole needs only one. */
static bool take_clients(struct streamed_object *object, struct error *err) {
    size_t wanted = (size_t)object->api->config->asset_parts_in_flight;
    if (object->max_bytes <= s3_writer_part_bytes(object->max_bytes)) {
        wanted = 1;
    }
    while (object->client_count < wanted) {
        if (!s3_pool_take(object->api->asset_store, &object->clients[object->client_count], err)) {
            return false;
        }
        object->client_count++;
    }
    return true;
}

bool streamed_object_begin(struct streamed_object *object, const char *filename, const char *content_type,
                           struct error *err) {
    if (!take_clients(object, err)) {
        return false;
    }
    id_new(object->file_id);
    asset_key_staging(&object->key, object->file_id, filename);
    object->hash = sha256_new();
    const struct s3_writer_options options = {
        .clients = object->clients,
        .client_count = object->client_count,
        .key = buf_text(&object->key),
        .content_type = *content_type == '\0' ? NULL : content_type,
        .max_bytes = object->max_bytes,
    };
    object->writer = s3_writer_new(&options);
    return true;
}

bool streamed_object_write(struct streamed_object *object, const void *bytes, size_t length, struct error *err) {
    metrics_add(METRIC_ASSET_BYTES, 0, (int64_t)length);
    if ((int64_t)length > object->limit - object->size) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "files may have at most %" PRId64 " bytes", object->limit);
    }
    object->size += (int64_t)length;
    sha256_update(object->hash, bytes, length);
    return s3_writer_write(object->writer, bytes, length, err);
}

bool streamed_object_end(struct streamed_object *object, struct error *err) {
    if (object->size == 0) {
        return error_set(err, ERROR_EMPTY_OBJECT, "the file has no bytes");
    }
    sha256_finish(object->hash, object->sha256);
    return true;
}

bool streamed_object_finish(struct streamed_object *object, struct error *err) {
    if (!s3_writer_finish(object->writer, object->sha256, &object->object, err)) {
        return false;
    }
    s3_writer_free(take_ptr(object->writer));
    object->written = true;
    return true;
}

void streamed_object_free(struct streamed_object *object) {
    struct error ignored = {0};
    s3_writer_free(object->writer);
    if (object->written && !object->kept) {
        (void)!s3_client_delete(object->clients[0], buf_text(&object->key), &ignored);
    }
    while (object->client_count > 0) {
        s3_pool_give(object->api->asset_store, object->clients[--object->client_count]);
    }
    sha256_free(object->hash);
    buf_free(&object->key);
}
