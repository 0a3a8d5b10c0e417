#include "api/upload_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_BYTES = 1000 };

static bool read_fields(const char *text, enum upload_method method, int64_t max_bytes,
                        struct upload_request *ret_upload, json_t **ret_json, struct json_reader *reader,
                        struct error *err) {
    struct error parse_error = {0};
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, ret_json, &parse_error));
    json_reader_start(reader, *ret_json);
    return upload_policy_read(reader, max_bytes, method, ret_upload, err);
}

static void expect_complaint(const char *text, const char *field) {
    struct upload_request upload;
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_false(read_fields(text, UPLOAD_POST, MAX_BYTES, &upload, &json, &reader, &error));
    assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
    assert_string_equal(json_text(json_array_get(reader.complaints, 0), "field"), field);
}

static void expect_too_large(const char *text, enum upload_method method, int64_t max_bytes) {
    struct upload_request upload;
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_false(read_fields(text, method, max_bytes, &upload, &json, &reader, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
}

static void a_name_is_enough(void **state) {
    (void)state;
    struct upload_request upload;
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_true(read_fields("{\"filename\":\"a.txt\",\"content_type\":\"\",\"extra\":1}", UPLOAD_POST, MAX_BYTES,
                            &upload, &json, &reader, &error));
    assert_string_equal(upload.filename, "a.txt");
    assert_null(upload.external_id);
    assert_string_equal(upload.content_type, "");
    assert_string_equal(upload.sha256, "");
    assert_int_equal(upload.size, -1);
    assert_int_equal(upload.method, UPLOAD_POST);
}

static void every_field_is_read(void **state) {
    (void)state;
    struct upload_request upload;
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_true(read_fields(
        "{\"filename\":\"d/a.txt\",\"content_type\":\"Text/Plain\",\"external_id\":\"e\",\"size\":1000,"
        "\"sha256\":\"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\",\"method\":\"PUT\"}",
        UPLOAD_POST, MAX_BYTES, &upload, &json, &reader, &error));
    assert_string_equal(upload.filename, "a.txt");
    assert_string_equal(upload.external_id, "e");
    assert_string_equal(upload.content_type, "text/plain");
    assert_string_equal(upload.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(upload.size, MAX_BYTES);
    assert_int_equal(upload.method, UPLOAD_PUT);
}

static void wrong_values_are_complained_of(void **state) {
    (void)state;
    expect_complaint("{}", "filename");
    expect_complaint("{\"filename\":5}", "filename");
    expect_complaint("{\"filename\":\"..\"}", "filename");
    expect_complaint("{\"filename\":\"a\",\"size\":0}", "size");
    expect_complaint("{\"filename\":\"a\",\"size\":-1}", "size");
    expect_complaint("{\"filename\":\"a\",\"size\":1.5}", "size");
    expect_complaint("{\"filename\":\"a\",\"size\":\"1\"}", "size");
    expect_complaint("{\"filename\":\"a\",\"content_type\":\"png\"}", "content_type");
    expect_complaint("{\"filename\":\"a\",\"sha256\":\"abc\"}", "sha256");
    expect_complaint("{\"filename\":\"a\",\"method\":\"get\"}", "method");
    expect_complaint("{\"filename\":\"a\",\"external_id\":7}", "external_id");
}

static void sizes_are_bounded(void **state) {
    (void)state;
    expect_too_large("{\"filename\":\"a\",\"size\":1001}", UPLOAD_POST, MAX_BYTES);
    expect_too_large("{\"filename\":\"a\",\"size\":9223372036854775807}", UPLOAD_MULTIPART, MAX_BYTES);
    expect_too_large("{\"filename\":\"a\",\"size\":5368709121}", UPLOAD_POST, INT64_MAX);
    struct upload_request upload;
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_true(read_fields("{\"filename\":\"a\",\"type\":\"video/MP4\",\"size\":5368709121,\"method\":7}",
                            UPLOAD_MULTIPART, INT64_MAX, &upload, &json, &reader, &error));
    assert_string_equal(upload.content_type, "video/mp4");
    assert_int_equal(upload.method, UPLOAD_MULTIPART);
}

static void a_key_holds_id_and_safe_name(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf key = {0};
    upload_policy_key(&key, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f", "a b/ö.txt");
    assert_string_equal(key.data, "files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/a_b_ö.txt");
}

static void methods_have_the_names_of_the_records(void **state) {
    (void)state;
    assert_string_equal(upload_method_name(UPLOAD_POST), "POST");
    assert_string_equal(upload_method_name(UPLOAD_PUT), "PUT");
    assert_string_equal(upload_method_name(UPLOAD_MULTIPART), "MULTIPART");
}

static enum error_code media_error(const char *text, struct upload_request *ret_upload) {
    _cleanup_(json_freep) json_t *json = NULL;
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    struct error error = {0};
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, &json, &error));
    json_reader_start(&reader, json);
    return upload_policy_read_media(&reader, MAX_BYTES, ret_upload, &error) ? ERROR_NONE : error.code;
}

static void the_type_of_a_picture_has_two_names(void **state) {
    (void)state;
    struct upload_request upload;
    assert_int_equal(media_error("{\"filename\":\"a\",\"mime_type\":\"image/png\"}", &upload), ERROR_NONE);
    assert_string_equal(upload.content_type, "image/png");
    assert_int_equal(media_error("{\"filename\":\"a\",\"content_type\":null,\"mime_type\":\"image/png\"}", &upload),
                     ERROR_NONE);
    assert_int_equal(media_error("{\"filename\":\"a.png\",\"content_type\":{}}", &upload), ERROR_VALIDATION_FAILED);
    assert_int_equal(media_error("{\"filename\":\"a.png\",\"content_type\":7,\"mime_type\":\"image/png\"}", &upload),
                     ERROR_VALIDATION_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_enough),
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(wrong_values_are_complained_of),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(the_type_of_a_picture_has_two_names),
        cmocka_unit_test(a_key_holds_id_and_safe_name),
        cmocka_unit_test(methods_have_the_names_of_the_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
