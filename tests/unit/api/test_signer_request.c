#include "api/signer_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 1000 };

static json_t *parsed(const char *text) {
    json_t *json = NULL;
    struct error error = {0};
    assert_true(json_parse(text, strlen(text), JSON_MAX_DEPTH, &json, &error));
    return json;
}

static void a_query_is_a_wish_for_a_form(void **state) {
    (void)state;
    struct error error = {0};
    struct request request = {.query =
                                  "filename=b%20c.txt&type=text%2Fplain&size=12&metadata[external_id]=e&metadata[k]=v"};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_true(signer_wish_of_query(&request, LIMIT, &wish, &error));
    assert_string_equal(wish.upload.filename, "b c.txt");
    assert_string_equal(wish.upload.content_type, "text/plain");
    assert_string_equal(wish.upload.external_id, "e");
    assert_int_equal(wish.upload.size, 12);
    assert_int_equal(wish.upload.method, UPLOAD_POST);
    assert_int_equal(wish.metadata.count, 1);
    request_free(&request);
}

static void scripts_say_undefined(void **state) {
    (void)state;
    struct error error = {0};
    struct request request = {.query = "filename=a&type=undefined"};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_true(signer_wish_of_query(&request, LIMIT, &wish, &error));
    assert_string_equal(wish.upload.content_type, "");
    request_free(&request);
}

static void expect_refusal(const char *query, enum error_code code) {
    struct error error = {0};
    struct request request = {.query = query};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_false(signer_wish_of_query(&request, LIMIT, &wish, &error));
    assert_int_equal(error.code, code);
    request_free(&request);
}

static void bad_queries_are_refused(void **state) {
    (void)state;
    expect_refusal("", ERROR_VALIDATION_FAILED);
    expect_refusal("filename=a&type=x", ERROR_VALIDATION_FAILED);
    expect_refusal("filename=%ff", ERROR_VALIDATION_FAILED);
    expect_refusal("filename=a&size=many", ERROR_VALIDATION_FAILED);
    expect_refusal("filename=a&size=0", ERROR_VALIDATION_FAILED);
    expect_refusal("filename=a&size=1001", ERROR_FILE_TOO_LARGE);
    expect_refusal("filename=a&metadata[a%20b]=c", ERROR_VALIDATION_FAILED);
}

static void a_multipart_body_is_one_for_parts(void **state) {
    (void)state;
    struct error error = {0};
    struct request request = {.query = "",
                              .json =
                                  parsed("{\"filename\":\"a.mp4\",\"type\":\"video/mp4\",\"metadata\":{\"k\":\"v\"},"
                                         "\"external_id\":\"e\"}")};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_true(signer_wish_of_multipart(&request, LIMIT, &wish, &error));
    assert_int_equal(wish.upload.method, UPLOAD_MULTIPART);
    assert_string_equal(wish.upload.content_type, "video/mp4");
    assert_string_equal(wish.upload.external_id, "e");
    assert_string_equal(wish.metadata.fields[0].name, "x-amz-meta-k");
    request_free(&request);
}

static void check_name(const char *body, enum upload_method method, const char *name) {
    struct error error = {0};
    struct request request = {.query = "", .json = parsed(body)};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_true(signer_wish_of_sign(&request, LIMIT, method, &wish, &error));
    assert_string_equal(wish.upload.filename, name);
    assert_string_equal(wish.upload.content_type, "image/png");
    assert_int_equal(wish.upload.method, method);
    request_free(&request);
}

static void the_name_to_sign_is_that_of_the_key(void **state) {
    (void)state;
    check_name("{\"key\":\"0190a000-0000-4000-8000-000000000001-a b.png\",\"contentType\":\"image/png\"}", UPLOAD_PUT,
               "a b.png");
    check_name("{\"key\":\"folder/c.png\",\"contentType\":\"image/png\"}", UPLOAD_MULTIPART, "c.png");
    check_name("{\"key\":\"0190a000-0000-4000-8000-000000000001-\",\"contentType\":\"image/png\"}", UPLOAD_PUT,
               "0190a000-0000-4000-8000-000000000001-");
}

static void a_blob_is_what_rails_takes(void **state) {
    (void)state;
    struct error error = {0};
    struct request request = {
        .query = "",
        .json = parsed("{\"blob\":{\"filename\":\"a.txt\",\"byte_size\":5,\"content_type\":\"text/plain\","
                       "\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\",\"metadata\":{\"external_id\":\"e\"}}}")};
    _cleanup_(signer_wish_free) struct signer_wish wish = {0};
    assert_true(signer_wish_of_blob(&request, LIMIT, &wish, &error));
    assert_string_equal(wish.content_md5, "XUFAKrxLKna5cZ2REBfFkg==");
    assert_int_equal(wish.upload.size, 5);
    assert_string_equal(wish.upload.external_id, "e");
    request_free(&request);
}

static void other_blobs_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "{\"blob\":[]}",
        "{\"blob\":{\"filename\":\"a\",\"byte_size\":5}}",
        "{\"blob\":{\"filename\":\"a\",\"byte_size\":5,\"checksum\":\"XUFAKrxLKna5cZ2REBfFkgA=\"}}",
        "{\"blob\":{\"filename\":\"a\",\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\"}}",
        "{\"blob\":{\"filename\":\"a\",\"byte_size\":\"5\",\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\"}}",
        "{\"blob\":{\"filename\":\"a\",\"byte_size\":0,\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\"}}",
        "{\"blob\":{\"byte_size\":5,\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\"}}",
        "{\"blob\":{\"filename\":\"a\",\"byte_size\":5,\"checksum\":\"XUFAKrxLKna5cZ2REBfFkg==\",\"metadata\":[]}}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        struct request request = {.query = "", .json = parsed(wrong[i])};
        _cleanup_(signer_wish_free) struct signer_wish wish = {0};
        assert_false(signer_wish_of_blob(&request, LIMIT, &wish, &error));
        assert_int_equal(error.code, ERROR_VALIDATION_FAILED);
        assert_false(json_reader_ok(&request.reader));
        request_free(&request);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_a_wish_for_a_form),
        cmocka_unit_test(scripts_say_undefined),
        cmocka_unit_test(bad_queries_are_refused),
        cmocka_unit_test(a_multipart_body_is_one_for_parts),
        cmocka_unit_test(the_name_to_sign_is_that_of_the_key),
        cmocka_unit_test(a_blob_is_what_rails_takes),
        cmocka_unit_test(other_blobs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
