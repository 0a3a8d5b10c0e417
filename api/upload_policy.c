#include "api/upload_policy.h"

#include "common/encode.h"

#include <string.h>
#include <strings.h>

const char *upload_method_name(enum upload_method method) {
    static const char *const names[] = {"POST", "PUT", "MULTIPART"};
    return names[method];
}

static void read_filename(struct json_reader *reader, struct upload_request *upload) {
    /* Longer ones are read too, so that the complaint is the one of names. */
    const char *text = json_read_text(reader, "filename", SIZE_MAX, true);
    const char *complaint = text == NULL ? NULL : file_name_check(text, &upload->filename);
    if (complaint != NULL) {
        json_complain(reader, "filename", "%s", complaint);
    }
}

/* Browsers say "" of a type that they do not know. */
static void read_content_type(struct json_reader *reader, const char *name, struct upload_request *upload) {
    const char *given = json_text(reader->object, name);
    if (given != NULL && *given == '\0') {
        return;
    }
    const char *text = json_read_text(reader, name, MEDIA_TYPE_SIZE - 1, false);
    if (text != NULL && !media_type_normalize(text, upload->content_type)) {
        upload->content_type[0] = '\0';
        json_complain(reader, name, "must be a media type such as image/png");
    }
}

bool upload_policy_sha256(const char *text, char ret_sha256[SHA256_HEX_SIZE]) {
    unsigned char digest[SHA256_SIZE];
    if (!decode_hex(text, digest, sizeof digest)) {
        return false;
    }
    encode_hex(digest, sizeof digest, ret_sha256);
    return true;
}

static void read_sha256(struct json_reader *reader, struct upload_request *upload) {
    const char *text = json_read_text(reader, "sha256", SHA256_HEX_SIZE - 1, false);
    if (text != NULL && !upload_policy_sha256(text, upload->sha256)) {
        json_complain(reader, "sha256", "must be 64 hexadecimal digits");
    }
}

static void read_method(struct json_reader *reader, struct upload_request *upload) {
    const char *text = json_read_text(reader, "method", 16, false);
    if (text == NULL) {
        return;
    }
    if (strcasecmp(text, "put") == 0) {
        upload->method = UPLOAD_PUT;
    } else if (strcasecmp(text, "post") == 0) {
        upload->method = UPLOAD_POST;
    } else {
        json_complain(reader, "method", "must be post or put");
    }
}

static bool check_size(const struct upload_request *upload, int64_t max_bytes, struct error *err) {
    if (upload->size > max_bytes) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "files may have at most %lld bytes", (long long)max_bytes);
    }
    if (upload->method != UPLOAD_MULTIPART && upload->size > UPLOAD_SINGLE_MAX_BYTES) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "one request uploads at most 5 GiB; larger files go by multipart");
    }
    return true;
}

bool upload_policy_read(struct json_reader *reader, int64_t max_bytes, enum upload_method method,
                        struct upload_request *ret_upload, struct error *err) {
    *ret_upload = (struct upload_request){.method = method, .size = -1};
    read_filename(reader, ret_upload);
    ret_upload->external_id = json_read_text(reader, "external_id", EXTERNAL_ID_MAX, false);
    read_content_type(reader, method == UPLOAD_MULTIPART ? "type" : "content_type", ret_upload);
    ret_upload->size = json_read_int(reader, "size", 1, INT64_MAX, false, -1);
    read_sha256(reader, ret_upload);
    if (method != UPLOAD_MULTIPART) {
        read_method(reader, ret_upload);
    }
    if (!json_reader_ok(reader)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    return check_size(ret_upload, max_bytes, err);
}

/* Types that are decoded, as clients declare them, and the extensions that stand for them. */
static const struct {
    const char *type;
    const char *extensions; /* each between spaces */
} pictures[] = {
    {"image/jpeg", " jpg jpeg jpe "}, {"image/png", " png "},       {"image/gif", " gif "},
    {"image/webp", " webp "},         {"image/tiff", " tif tiff "}, {"image/heic", " heic "},
    {"image/heif", " heif "},         {"image/avif", " avif "},     {"image/jpg", ""}, /* not registered, but said */
};

enum { PICTURE_COUNT = sizeof pictures / sizeof pictures[0], EXTENSION_MAX = 4 };

bool upload_policy_is_picture(const char *content_type) {
    size_t length = strcspn(content_type, "; ");
    for (size_t i = 0; i < PICTURE_COUNT; i++) {
        if (strlen(pictures[i].type) == length && strncasecmp(pictures[i].type, content_type, length) == 0) {
            return true;
        }
    }
    return false;
}

bool upload_policy_picture_type(const char *filename, char content_type[MEDIA_TYPE_SIZE]) {
    const char *dot = strrchr(filename, '.');
    char wanted[EXTENSION_MAX + 3];
    if (content_type[0] != '\0' || dot == NULL || strlen(dot + 1) > EXTENSION_MAX || dot[1] == '\0') {
        return upload_policy_is_picture(content_type);
    }
    snprintf(wanted, sizeof wanted, " %s ", dot + 1);
    for (size_t i = 0; i < PICTURE_COUNT; i++) {
        if (strcasestr(pictures[i].extensions, wanted) != NULL) {
            snprintf(content_type, MEDIA_TYPE_SIZE, "%s", pictures[i].type);
            return true;
        }
    }
    return false;
}

bool upload_policy_read_media(struct json_reader *reader, int64_t max_bytes, struct upload_request *ret_upload,
                              struct error *err) {
    *ret_upload = (struct upload_request){.method = UPLOAD_PUT, .size = -1};
    read_filename(reader, ret_upload);
    ret_upload->external_id = json_read_text(reader, "external_id", EXTERNAL_ID_MAX, false);
    const json_t *type_given = json_object_get(reader->object, "content_type");
    bool is_absent = type_given == NULL || json_is_null(type_given) ||
                     (json_is_string(type_given) && json_string_length(type_given) == 0);
    const char *type = is_absent ? "mime_type" : "content_type";
    read_content_type(reader, type, ret_upload);
    ret_upload->size = json_read_int(reader, "size", 1, INT64_MAX, false, -1);
    read_sha256(reader, ret_upload);
    if (!json_reader_ok(reader)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "see errors");
    }
    if (!upload_policy_picture_type(ret_upload->filename, ret_upload->content_type)) {
        return error_set(err, ERROR_UNSUPPORTED_TYPE, "%.100s is none of the pictures that are taken here",
                         ret_upload->content_type[0] == '\0' ? "what has no type" : ret_upload->content_type);
    }
    return check_size(ret_upload, max_bytes, err);
}

void upload_policy_key(struct buf *out, const char *file_id, const char *filename) {
    buf_append_text(out, "files/");
    buf_append_text(out, file_id);
    buf_append_char(out, '/');
    file_name_append_safe(out, filename);
}
