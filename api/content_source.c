#include "api/content_source.h"

#include "common/content_key.h"
#include "common/encode.h"
#include "common/log.h"
#include "common/metrics.h"

#include <string.h>

enum { CACHE_WAIT_MS = 1000 };

static const char *const cache_names[] = {"HIT", "MISS", "BYPASS"};

const char *content_cache_name(enum content_cache cache) {
    return cache_names[cache];
}

void content_source_start(void) {
    metrics_label(METRIC_CONTENT_READS, cache_names, sizeof cache_names / sizeof cache_names[0]);
}

bool content_available(const struct file_record *record, struct error *err) {
    if (record->status == PENDING || record->status == EXPIRED) {
        return error_set(err, ERROR_NOT_UPLOADED, "the file is not uploaded yet");
    }
    if (record->status == FAILED && record->error_code != NULL) {
        enum error_code code = error_code_of(record->error_code);
        if (code == ERROR_OBJECT_GONE || code == ERROR_NOT_UPLOADED) {
            return error_set(err, code, "the file has no object");
        }
    }
    if (!file_record_is_in_place(record)) {
        return error_set(err, ERROR_CONFLICT, "the photo is not processed yet");
    }
    return true;
}

bool content_is_cached(const struct file_record *record, int64_t cache_max_bytes) {
    return record->status == SYNCED && record->sha256 != NULL && record->size >= 0 && record->size <= cache_max_bytes;
}

/* Content of the right length under the key; anything else counts as absent. */
static bool read_cache(struct api *api, const struct file_record *record, struct buf *ret_bytes) {
    struct redis *redis = NULL;
    struct error error = {0};
    if (!redis_pool_take(api->cache, CACHE_WAIT_MS, &redis, &error)) {
        return false;
    }
    char key[CONTENT_KEY_SIZE];
    content_key(file_record_content_id(record), key);
    bool found = false;
    bool answered = redis_get(redis, key, ret_bytes, &found, &error);
    redis_pool_give(api->cache, redis);
    if (!answered) {
        log_debug("cache_read_failed", log_text("file_id", record->file_id), log_message(&error));
    }
    if (answered && found && (int64_t)ret_bytes->length == record->size) {
        return true;
    }
    buf_clear(ret_bytes);
    return false;
}

static void write_cache(struct api *api, const struct file_record *record, const struct buf *bytes) {
    struct redis *redis = NULL;
    struct error error = {0};
    if (!redis_pool_take(api->cache, CACHE_WAIT_MS, &redis, &error)) {
        return;
    }
    char key[CONTENT_KEY_SIZE];
    content_key(file_record_content_id(record), key);
    if (!redis_set_expiring(redis, key, buf_text(bytes), bytes->length, api->config->cache_ttl_s, &error)) {
        log_debug("cache_write_failed", log_text("file_id", record->file_id), log_message(&error));
    }
    redis_pool_give(api->cache, redis);
}

void content_forget(struct api *api, const char *file_id) {
    struct redis *redis = NULL;
    struct error error = {0};
    char key[CONTENT_KEY_SIZE];
    content_key(file_id, key);
    bool taken = redis_pool_take(api->cache, CACHE_WAIT_MS, &redis, &error);
    if (!taken || !redis_delete(redis, key, &error)) {
        log_warn("cache_delete_failed", log_text("file_id", file_id), log_code(&error), log_message(&error));
    }
    if (taken) {
        redis_pool_give(api->cache, redis);
    }
}

/* The store's words in those of a file. */
static bool translate(struct error *err) {
    if (err->code == ERROR_STORE_NOT_FOUND) {
        return error_set(err, ERROR_OBJECT_GONE, "the object is no longer in the store");
    }
    if (err->code == ERROR_STORE_PRECONDITION) {
        return error_set(err, ERROR_OBJECT_CHANGED, "the object in the store is not the one that was uploaded");
    }
    return false;
}

bool content_stream(struct api *api, const struct file_record *record, int64_t offset, int64_t length, http_sink sink,
                    void *context, struct error *err) {
    struct s3_client *client = NULL;
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    const struct s3_get get = {
        .key = record->object_key,
        .if_match = record->etag,
        .offset = offset,
        .length = length,
        .sink = sink,
        .sink_context = context,
    };
    bool streamed = s3_client_get(client, &get, NULL, err);
    s3_pool_give(api->store, client);
    return streamed || translate(err);
}

bool content_size(struct api *api, const struct file_record *record, int64_t *ret_size, struct error *err) {
    struct s3_client *client = NULL;
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    struct s3_object object = {0};
    bool known = s3_client_head(client, record->object_key, &object, err);
    s3_pool_give(api->store, client);
    if (!known) {
        return translate(err);
    }
    *ret_size = object.size;
    return true;
}

struct collected {
    struct buf *bytes;
    int64_t limit;
};

static bool collect(void *context, const void *bytes, size_t length, struct error *err) {
    const struct collected *collected = context;
    if ((int64_t)(collected->bytes->length + length) > collected->limit) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the object is larger than %lld bytes",
                         (long long)collected->limit);
    }
    buf_append(collected->bytes, bytes, length);
    return true;
}

static bool has_hash(const struct buf *bytes, const char *sha256) {
    char hex[SHA256_HEX_SIZE];
    sha256_hex_of(buf_text(bytes), bytes->length, hex);
    return strcmp(hex, sha256) == 0;
}

static bool read_store(struct api *api, const struct file_record *record, int64_t max_bytes, struct buf *ret_bytes,
                       struct error *err) {
    struct collected collected = {.bytes = ret_bytes, .limit = max_bytes};
    if (!content_stream(api, record, 0, -1, collect, &collected, err)) {
        return false;
    }
    return record->sha256 == NULL || has_hash(ret_bytes, record->sha256) ||
           error_set(err, ERROR_OBJECT_CHANGED, "the object in the store is not the one that was verified");
}

bool content_read(struct api *api, const struct file_record *record, int64_t max_bytes, struct buf *ret_bytes,
                  enum content_cache *ret_cache, struct error *err) {
    if (record->size > max_bytes) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "content of more than %lld bytes is not given in this way",
                         (long long)max_bytes);
    }
    bool cached = content_is_cached(record, api->config->cache_max_bytes);
    *ret_cache = cached ? CONTENT_MISS : CONTENT_BYPASS;
    if (cached && read_cache(api, record, ret_bytes)) {
        *ret_cache = CONTENT_HIT;
        return true;
    }
    if (!read_store(api, record, max_bytes, ret_bytes, err)) {
        return false;
    }
    if (cached) {
        write_cache(api, record, ret_bytes);
    }
    return true;
}
