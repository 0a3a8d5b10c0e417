#include "api/asset_upload.h"

#include "common/encode.h"

#include <inttypes.h>
#include <string.h>

/* A body without a length could be as long as a file may be, but parts that suit the largest of all would take too much memory
 * for most: it may have what the smallest parts hold. */
static int64_t limit_of(int64_t max_bytes, int64_t body_bytes) {
    int64_t chunked_max = (int64_t)S3_PARTS_MAX * S3_PART_MIN_BYTES;
    int64_t known = body_bytes >= 0 ? body_bytes : chunked_max;
    return known < max_bytes ? known : max_bytes;
}

/* Of a file of this caller. */
static int64_t file_max_bytes(const struct api *api, const struct asset_upload *upload) {
    return kind_policy_smaller(api->config->max_upload_bytes, upload->limits.max_bytes);
}

bool asset_upload_start(struct api *api, int64_t body_bytes, struct asset_upload *upload, struct error *err) {
    int64_t limit = file_max_bytes(api, upload);
    int64_t max_bytes = limit_of(limit, body_bytes);
    upload->object = (struct streamed_object){.api = api, .limit = limit, .max_bytes = max_bytes};
    if (body_bytes > limit && body_bytes - limit > ASSET_FORM_ROOM) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "files may have at most %" PRId64 " bytes", limit);
    }
    int64_t bytes = streamed_object_memory(api, max_bytes);
    if (!streamed_object_reserve(api, bytes, err)) {
        return false;
    }
    upload->reserved = bytes;
    return true;
}

void asset_upload_free(struct asset_upload *upload) {
    streamed_object_free(&upload->object);
    if (upload->reserved > 0) {
        streamed_object_give_back(upload->object.api, upload->reserved);
    }
}

bool asset_upload_begin(void *context, const struct asset_form *form, struct error *err) {
    struct asset_upload *upload = context;
    return upload_limits_check_type(&upload->limits, form->content_type, err) &&
           streamed_object_begin(&upload->object, buf_text(&form->filename), form->content_type, err);
}

bool asset_upload_write(void *context, const void *bytes, size_t length, struct error *err) {
    struct asset_upload *upload = context;
    return streamed_object_write(&upload->object, bytes, length, err);
}

bool asset_upload_finish(struct asset_upload *upload, const struct asset_form *form, struct error *err) {
    char hex[SHA256_HEX_SIZE];
    if (!streamed_object_end(&upload->object, err)) {
        return false;
    }
    encode_hex(upload->object.sha256, SHA256_SIZE, hex);
    if (form->sha256[0] != '\0' && strcmp(form->sha256, hex) != 0) {
        return error_set(err, ERROR_HASH_MISMATCH, "the file's SHA-256 is %s", hex);
    }
    return streamed_object_finish(&upload->object, err);
}
