/* JSON bodies of upload requests and of finished multipart uploads. */
#include "api/multipart_parts.h"
#include "api/upload_policy.h"
#include "tests/fuzz/fuzz.h"

static const char file_id[] = "0193f2a0-0000-7000-8000-000000000000";

static void check_name_and_key(const struct upload_request *upload) {
    const char *name = NULL;
    _cleanup_(buf_free) struct buf key = {0};
    require(file_name_check(upload->filename, &name) == NULL, "a name that was accepted is a name");
    require(name == upload->filename, "a name that was accepted has one segment");
    upload_policy_key(&key, file_id, upload->filename);
    require(key.length <= OBJECT_KEY_MAX, "a key is short enough for S3");
    require_utf8(key.data, "a key is UTF-8");
    const char *last = key.data + sizeof "files/" + sizeof file_id - 1;
    require(key.data[sizeof "files/" - 1 + sizeof file_id - 1] == '/', "a key has the file's id");
    require(*last != '\0' && strchr(last, '/') == NULL && strlen(last) <= FILE_NAME_KEY_MAX, "a key has a short name");
    require(strcspn(last, " %?#&+\\\"'<>") == strlen(last), "a key needs no escapes");
}

static void check_upload(const json_t *value, enum upload_method method, int64_t max_bytes) {
    struct error err = {0};
    struct json_reader reader = {0};
    struct upload_request upload;
    json_reader_start(&reader, value);
    if (upload_policy_read(&reader, max_bytes, method, &upload, &err)) {
        check_name_and_key(&upload);
        require(upload.size >= -1 && upload.size != 0 && upload.size <= max_bytes, "a size is within the limit");
        require(upload.external_id == NULL || strlen(upload.external_id) <= EXTERNAL_ID_MAX, "an external id is short");
        require((upload.method == UPLOAD_MULTIPART) == (method == UPLOAD_MULTIPART),
                "multipart is not chosen by a field");
        size_t digits = strlen(upload.sha256);
        require(digits == 0 || (digits == 64 && strspn(upload.sha256, "0123456789abcdef") == 64), "a SHA-256 is hex");
        char type[MEDIA_TYPE_SIZE];
        require(upload.content_type[0] == '\0' || media_type_normalize(upload.content_type, type),
                "a type that was accepted is a media type");
    } else {
        require(err.code == ERROR_VALIDATION_FAILED || err.code == ERROR_FILE_TOO_LARGE, "a refusal has its code");
        require((err.code == ERROR_VALIDATION_FAILED) == !json_reader_ok(&reader), "a refusal has its complaints");
    }
    json_reader_free(&reader);
}

static void check_parts(const json_t *value) {
    struct error err = {0};
    struct json_reader reader = {0};
    struct multipart_parts parts = {0};
    json_reader_start(&reader, value);
    if (multipart_parts_read(&reader, &parts, &err)) {
        require(parts.count > 0 && parts.count <= S3_PARTS_MAX, "there are as many parts as S3 takes");
        for (size_t i = 0; i < parts.count; i++) {
            require(parts.items[i].number > (i == 0 ? 0 : parts.items[i - 1].number), "parts ascend");
            require_utf8(parts.items[i].etag, "an ETag is UTF-8");
        }
    }
    multipart_parts_free(&parts);
    json_reader_free(&reader);
}

/* What is written reads as the same value, which also the tickets and the problems rely on. */
static void check_round(const json_t *value) {
    struct error err = {0};
    json_t *again = NULL;
    _cleanup_(freep) char *text = json_to_text(value);
    require_utf8(text, "JSON that is written is UTF-8");
    require(json_parse(text, strlen(text), JSON_MAX_DEPTH, &again, &err), "JSON that is written can be read");
    _cleanup_(freep) char *second = json_to_text(again);
    require_same(second, text, "JSON that is written twice is the same");
    json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct error err = {0};
    json_t *value = NULL;
    if (!json_parse((const char *)bytes, length, JSON_MAX_DEPTH, &value, &err)) {
        require(err.code == ERROR_MALFORMED_JSON, "what is refused is malformed JSON");
        return 0;
    }
    check_upload(value, UPLOAD_POST, INT64_MAX);
    check_upload(value, UPLOAD_PUT, 1 << 20);
    check_upload(value, UPLOAD_MULTIPART, INT64_MAX);
    check_parts(value);
    check_round(value);
    json_decref(value);
    return 0;
}
