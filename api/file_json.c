#include "api/file_json.h"

#include "common/content_disposition.h"

#include <stdio.h>
#include <string.h>

bool file_json_has_object(const struct file_record *record) {
    if (record->status == PENDING || record->status == EXPIRED || !file_record_is_in_place(record)) {
        return false;
    }
    return record->error_code == NULL || strcmp(record->error_code, error_info(ERROR_OBJECT_GONE)->name) != 0;
}

static void write_download_url(const struct api *api, const struct file_record *record, int64_t now_ms,
                               struct json_writer *writer) {
    _cleanup_(buf_free) struct buf disposition = {0};
    content_disposition_append(&disposition, false, record->filename);
    const struct s3_presign_get get = {
        .key = record->object_key,
        .response_content_disposition = disposition.data,
        .expires_s = api->config->presign_ttl_s,
    };
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_get(api->presign, &get, now_ms, &permit);
    json_writer_text(writer, "download_url", permit.url);
}

static void write_urls(const struct api *api, const struct file_record *record, int64_t now_ms,
                       struct json_writer *writer) {
    if (!file_json_has_object(record)) {
        json_writer_text(writer, "download_url", NULL);
        json_writer_text(writer, "content_url", NULL);
        return;
    }
    write_download_url(api, record, now_ms, writer);
    char content_url[sizeof "/files//content" + ID_TEXT_SIZE];
    snprintf(content_url, sizeof content_url, "/files/%s/content", record->file_id);
    json_writer_text(writer, "content_url", content_url);
}

/* Numbers that are null when not known. */
static void write_number(struct json_writer *writer, const char *name, int64_t number, int64_t unknown) {
    if (number == unknown) {
        json_writer_text(writer, name, NULL);
    } else {
        json_writer_int(writer, name, number);
    }
}

void file_json_error(const struct file_record *record, struct json_writer *writer) {
    if (record->status == EXPIRED) {
        json_writer_open(writer, "error", '{');
        json_writer_text(writer, "code", error_info(ERROR_NOT_UPLOADED)->name);
        json_writer_text(writer, "message", "no upload came while it was waited for");
        json_writer_close(writer, '}');
        return;
    }
    if (record->error_code == NULL || (record->status & (FAILED | SYNCED)) == 0) {
        json_writer_text(writer, "error", NULL);
        return;
    }
    json_writer_open(writer, "error", '{');
    const struct error_info *info = error_info(error_code_of(record->error_code));
    bool tell = info->http_status < 500 && record->error_message != NULL;
    json_writer_text(writer, "code", record->error_code);
    json_writer_text(writer, "message", tell ? record->error_message : info->title);
    json_writer_close(writer, '}');
}

/* The size is as declared until it is known; the hash is never taken on trust. */
static void write_content(const struct file_record *record, struct json_writer *writer) {
    json_writer_text(writer, "content_type", record->content_type);
    json_writer_text(writer, "detected_type", record->detected_type);
    write_number(writer, "size", record->size >= 0 ? record->size : record->expected_size, -1);
    json_writer_text(writer, "sha256", record->sha256);
    json_writer_text(writer, "object_key", record->object_key);
}

static void write_variant(const struct api *api, const json_t *variant, int64_t now_ms, struct json_writer *writer) {
    const struct s3_presign_get get = {.key = json_text(variant, "object_key"),
                                       .expires_s = api->config->presign_ttl_s};
    if (get.key == NULL) {
        return;
    }
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_get(api->presign, &get, now_ms, &permit);
    json_writer_open(writer, NULL, '{');
    json_writer_text(writer, "name", json_text(variant, "name"));
    json_writer_text(writer, "url", permit.url);
    json_writer_text(writer, "content_type", json_text(variant, "content_type"));
    static const char *const numbers[] = {"width", "height", "size"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        json_writer_int(writer, numbers[i], json_integer_value(json_object_get(variant, numbers[i])));
    }
    json_writer_close(writer, '}');
}

void file_json_variants(const struct api *api, const struct file_record *record, int64_t now_ms,
                        struct json_writer *writer) {
    _cleanup_(json_freep) json_t *variants = NULL;
    struct error error = {0};
    size_t length = record->variants == NULL ? 0 : strlen(record->variants);
    json_writer_open(writer, "variants", '[');
    if (length > 0 && json_parse(record->variants, length, JSON_MAX_DEPTH, &variants, &error)) {
        for (size_t i = 0; i < json_array_size(variants); i++) {
            write_variant(api, json_array_get(variants, i), now_ms, writer);
        }
    }
    json_writer_close(writer, ']');
}

void file_json_members_as(const struct api *api, const struct file_record *record, const char *status, int64_t now_ms,
                          struct json_writer *writer) {
    json_writer_text(writer, "file_id", record->file_id);
    json_writer_text(writer, "kind", record->kind);
    json_writer_text(writer, "status", status);
    json_writer_text(writer, "filename", record->filename);
    json_writer_text(writer, "external_id", record->external_id);
    json_writer_text(writer, "owner_id", record->owner_id);
    write_content(record, writer);
    write_urls(api, record, now_ms, writer);
    json_writer_text(writer, "duplicate_of", record->duplicate_of);
    write_number(writer, "width", record->width, 0);
    write_number(writer, "height", record->height, 0);
    json_writer_text(writer, "thumbhash", record->thumbhash);
    json_writer_raw(writer, "metadata", record->metadata == NULL ? "{}" : record->metadata);
    json_writer_raw(writer, "tags", record->tags == NULL ? "[]" : record->tags);
    file_json_variants(api, record, now_ms, writer);
    file_json_error(record, writer);
    json_writer_int(writer, "attempts", record->attempts);
    json_writer_text(writer, "created_at", record->created_at);
    json_writer_text(writer, "uploaded_at", record->uploaded_at);
    json_writer_text(writer, "synced_at", record->synced_at);
    json_writer_text(writer, "expires_at", record->expires_at);
}

void file_json_members(const struct api *api, const struct file_record *record, int64_t now_ms,
                       struct json_writer *writer) {
    file_json_members_as(api, record, file_status_name(record->status), now_ms, writer);
}

void file_json(const struct api *api, const struct file_record *record, int64_t now_ms, struct buf *out) {
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    file_json_members(api, record, now_ms, &writer);
    json_writer_close(&writer, '}');
}
