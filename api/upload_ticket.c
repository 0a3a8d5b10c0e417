#include "api/upload_ticket.h"

#include "api/media_json.h"
#include "common/clock.h"
#include "common/encode.h"

enum { POST_SUCCESS_STATUS = 201 };

void upload_ticket_draft(const struct api *api, const char *owner_id, const struct upload_request *upload,
                         struct buf *key, struct file_draft *ret_draft) {
    *ret_draft = (struct file_draft){
        .kind = "file",
        .owner_id = owner_id,
        .external_id = upload->external_id,
        .filename = upload->filename,
        .content_type = upload->content_type[0] == '\0' ? NULL : upload->content_type,
        .expected_size = upload->size,
        .expected_sha256 = upload->sha256[0] == '\0' ? NULL : upload->sha256,
        .bucket = api->config->s3_bucket,
        .upload_method = upload_method_name(upload->method),
        .ttl_s = api->config->presign_ttl_s,
        .sweep_age_s = api->config->sweep_age_s,
    };
    id_new(ret_draft->file_id);
    upload_policy_key(key, ret_draft->file_id, upload->filename);
    ret_draft->object_key = key->data;
}

static void sign_post(const struct api *api, const struct upload_terms *terms, const unsigned char *sha256,
                      int64_t now_ms, struct s3_signed *ret_signed) {
    int64_t limit = terms->limit > 0 ? terms->limit : api->config->max_upload_bytes;
    const struct s3_presign_post post = {
        .key = terms->object_key,
        .content_type = terms->content_type,
        .size = terms->size,
        .minimum_size = 1,
        .maximum_size = limit < UPLOAD_SINGLE_MAX_BYTES ? limit : UPLOAD_SINGLE_MAX_BYTES,
        .sha256 = sha256,
        .success_status = POST_SUCCESS_STATUS,
        .fields = terms->extra,
        .field_count = terms->extra_count,
        .expires_s = api->config->presign_ttl_s,
    };
    s3_presign_post(api->presign, &post, now_ms, ret_signed);
}

static void sign_put(const struct api *api, const struct upload_terms *terms, const unsigned char *sha256,
                     int64_t now_ms, struct s3_signed *ret_signed) {
    const struct s3_presign_put put = {
        .key = terms->object_key,
        .content_type = terms->content_type,
        .size = terms->size,
        .if_none_match = !terms->may_overwrite,
        .sha256 = sha256,
        .headers = terms->extra,
        .header_count = terms->extra_count,
        .expires_s = api->config->presign_ttl_s,
    };
    s3_presign_put(api->presign, &put, now_ms, ret_signed);
}

void upload_ticket_sign(const struct api *api, const struct upload_terms *terms, int64_t now_ms,
                        struct s3_signed *ret_signed) {
    unsigned char digest[SHA256_SIZE];
    const unsigned char *sha256 =
        terms->sha256 != NULL && decode_hex(terms->sha256, digest, sizeof digest) ? digest : NULL;
    (terms->method == UPLOAD_POST ? sign_post : sign_put)(api, terms, sha256, now_ms, ret_signed);
}

static void write_fields(struct json_writer *writer, const struct s3_signed *permit) {
    for (size_t i = 0; i < permit->field_count; i++) {
        json_writer_text(writer, permit->fields[i].name, permit->fields[i].value);
    }
}

/* A policy that allows any Content-Type still demands that there is one (AWS, versitygw); clients may put another. */
void upload_ticket_form(struct json_writer *writer, const struct upload_terms *terms, const struct s3_signed *permit) {
    if (terms->content_type == NULL) {
        json_writer_text(writer, "Content-Type", "application/octet-stream");
    }
    write_fields(writer, permit);
}

static void write_ids(struct json_writer *writer, const struct upload_terms *terms, enum file_status status) {
    bool is_media = terms->media_id != NULL;
    if (is_media) {
        json_writer_text(writer, "media_id", terms->media_id);
    }
    json_writer_text(writer, "file_id", terms->file_id);
    json_writer_text(writer, "status", is_media ? media_status_name(status) : file_status_name(status));
}

void upload_ticket_json(const struct api *api, const struct upload_terms *terms, enum file_status status,
                        int64_t now_ms, struct buf *out) {
    bool is_post = terms->method == UPLOAD_POST;
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    upload_ticket_sign(api, terms, now_ms, &permit);
    char expires[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(permit.expires_at_ms, expires);
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    write_ids(&writer, terms, status);
    json_writer_text(&writer, "method", permit.method);
    json_writer_text(&writer, "upload_url", permit.url);
    if (terms->media_id == NULL) {
        json_writer_open(&writer, "form_fields", '{');
        if (is_post) {
            upload_ticket_form(&writer, terms, &permit);
        }
        json_writer_close(&writer, '}');
    }
    json_writer_open(&writer, "headers", '{');
    if (!is_post) {
        write_fields(&writer, &permit);
    }
    json_writer_close(&writer, '}');
    json_writer_text(&writer, "object_key", terms->object_key);
    json_writer_text(&writer, "expires_at", expires);
    json_writer_close(&writer, '}');
}
