#include "api/signer_request.h"

#include "common/encode.h"

#include <string.h>

/* Fields as their senders name them, and as upload_policy_read does; a NULL ends each table. */
struct name_pair {
    const char *from, *to;
};
static const struct name_pair query_names[] = {
    {"filename", "filename"}, {"type", "content_type"}, {"size", "size"}, {"sha256", "sha256"}, {NULL, NULL}};
static const struct name_pair multipart_names[] = {
    {"filename", "filename"}, {"type", "type"}, {"size", "size"}, {"sha256", "sha256"}, {NULL, NULL}};
static const struct name_pair sign_names[] = {{"size", "size"}, {"sha256", "sha256"}, {NULL, NULL}};
static const struct name_pair blob_names[] = {
    {"filename", "filename"}, {"content_type", "content_type"}, {"byte_size", "size"}, {NULL, NULL}};

void signer_wish_free(struct signer_wish *wish) {
    upload_metadata_free(&wish->metadata);
    json_decref(wish->fields);
    *wish = (struct signer_wish){0};
}

static void copy_fields(const json_t *from, const struct name_pair *names, json_t *to) {
    for (; names->from != NULL; names++) {
        json_t *value = json_object_get(from, names->from);
        if (value != NULL) {
            json_object_set(to, names->to, value);
        }
    }
}

/* Reads the fields by the rules that all uploads have; earlier complaints stay. */
static bool read_wish(struct json_reader *reader, int64_t max_bytes, enum upload_method method,
                      struct signer_wish *wish, struct error *err) {
    if (wish->metadata.external_id != NULL && json_object_get(wish->fields, "external_id") == NULL) {
        json_set_text(wish->fields, "external_id", wish->metadata.external_id);
    }
    reader->object = wish->fields;
    return upload_policy_read(reader, max_bytes, method, &wish->upload, err);
}

/* Browsers' scripts turn what is not there into words. */
static bool is_nothing(const char *name, const char *value) {
    return strcmp(name, "type") == 0 && (strcmp(value, "undefined") == 0 || strcmp(value, "null") == 0);
}

static bool take_parameter(struct request *request, const struct name_pair *name, json_t *fields, struct error *err) {
    _cleanup_(freep) char *value = NULL;
    int64_t number = 0;
    if (!request_query(request, name->from, &value, err)) {
        return false;
    }
    if (value == NULL || is_nothing(name->from, value)) {
        return true;
    }
    if (strcmp(name->to, "size") == 0 && parse_int64(value, INT64_MIN, INT64_MAX, &number)) {
        json_set_int(fields, name->to, number);
    } else {
        json_set_text(fields, name->to, value);
    }
    return true;
}

bool signer_wish_of_query(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish, struct error *err) {
    ret_wish->fields = json_object();
    for (const struct name_pair *name = query_names; name->from != NULL; name++) {
        if (!take_parameter(request, name, ret_wish->fields, err)) {
            return false;
        }
    }
    upload_metadata_from_query(request->query, &request->reader, &ret_wish->metadata);
    return read_wish(&request->reader, max_bytes, UPLOAD_POST, ret_wish, err);
}

bool signer_wish_of_multipart(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish,
                              struct error *err) {
    ret_wish->fields = json_object();
    copy_fields(request->json, multipart_names, ret_wish->fields);
    json_object_set(ret_wish->fields, "external_id", json_object_get(request->json, "external_id"));
    upload_metadata_from_json(request->json, &request->reader, &ret_wish->metadata);
    return read_wish(&request->reader, max_bytes, UPLOAD_MULTIPART, ret_wish, err);
}

/* Uppy's own keys are `{uuid}-{name}`. */
static const char *name_of_key(const char *key) {
    char id[ID_TEXT_SIZE];
    snprintf(id, sizeof id, "%s", key);
    return id_valid(id) && key[ID_TEXT_SIZE - 1] == '-' && key[ID_TEXT_SIZE] != '\0' ? key + ID_TEXT_SIZE : key;
}

bool signer_wish_of_sign(struct request *request, int64_t max_bytes, enum upload_method method,
                         struct signer_wish *ret_wish, struct error *err) {
    const char *key = json_text(request->json, "key");
    ret_wish->fields = json_object();
    copy_fields(request->json, sign_names, ret_wish->fields);
    json_object_set(ret_wish->fields, "external_id", json_object_get(request->json, "external_id"));
    json_object_set(ret_wish->fields, method == UPLOAD_MULTIPART ? "type" : "content_type",
                    json_object_get(request->json, "contentType"));
    json_set_text(ret_wish->fields, "filename", key == NULL ? NULL : name_of_key(key));
    return read_wish(&request->reader, max_bytes, method, ret_wish, err);
}

static void read_checksum(struct json_reader *reader, const json_t *blob, struct signer_wish *wish) {
    unsigned char digest[16];
    const char *text = json_text(blob, "checksum");
    if (text == NULL || !decode_base64(text, digest, sizeof digest)) {
        json_complain(reader, "checksum", "must be the MD5 of the file in base64");
        return;
    }
    snprintf(wish->content_md5, sizeof wish->content_md5, "%s", text);
}

bool signer_wish_of_blob(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish, struct error *err) {
    const json_t *blob = json_object_get(request->json, "blob");
    ret_wish->fields = json_object();
    if (!json_is_object(blob)) {
        json_complain(&request->reader, "blob", "must be an object");
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    copy_fields(blob, blob_names, ret_wish->fields);
    if (!json_is_number(json_object_get(blob, "byte_size"))) {
        json_complain(&request->reader, "byte_size", "must be an integer");
    }
    read_checksum(&request->reader, blob, ret_wish);
    const json_t *metadata = json_object_get(blob, "metadata");
    if (metadata != NULL && !json_is_null(metadata) && !json_is_object(metadata)) {
        json_complain(&request->reader, "metadata", "must be an object");
    }
    const char *external_id = json_text(metadata, "external_id");
    json_set_text(ret_wish->fields, "external_id", external_id);
    return read_wish(&request->reader, max_bytes, UPLOAD_PUT, ret_wish, err);
}
