#include "common/s3_copy.h"

#include "common/s3_multipart.h"
#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include <signal.h>

#define UPLOAD_STARTED                                                                                                 \
    FAKE_XML("200 OK", "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
#define PART_COPIED(etag) FAKE_XML("200 OK", "<CopyPartResult><ETag>&quot;" etag "&quot;</ETag></CopyPartResult>")
#define COMPLETED                                                                                                      \
    FAKE_XML("200 OK",                                                                                                 \
             "<CompleteMultipartUploadResult><ETag>&quot;whole-3&quot;</ETag></CompleteMultipartUploadResult>")

static const struct s3_copy_limits small = {.single_max = 10, .part_bytes = 4};

static const struct s3_copy described = {
    .source_key = "staging/a",
    .source_if_match = "e1",
    .key = "assets/a",
    .content_type = "text/plain",
    .content_disposition = "attachment",
    .metadata = {{"x-amz-meta-filename", "a%20b"}, {"x-amz-meta-sha256", "00"}},
    .metadata_count = 2,
};

static void test_copy(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<CopyObjectResult><ETag>&quot;e2&quot;</ETag></CopyObjectResult>"),
        FAKE_ERROR("200 OK", "InternalError"), FAKE_XML("200 OK", "<CopyObjectResult>"), NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    struct s3_copy copy = {.source_key = "a b/ü", .source_if_match = "e1", .key = "c", .content_type = "text/x"};
    fake_s3_start(&store, answers);
    assert_true(s3_client_copy(store.client, &copy, &object, &store.err));
    assert_string_equal(object.etag, "e2");
    assert_false(s3_client_copy(store.client, &copy, &object, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    assert_false(s3_client_copy(store.client, &copy, &object, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source: /uploads/a%20b/%C3%BC\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source-if-match: \"e1\"\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "x-amz-metadata-directive: REPLACE\r\n"), 3);
    fake_server_free(&store.server);
}

static void test_a_small_object_is_described_and_copied_at_once(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<CopyObjectResult><ETag>&quot;e2&quot;</ETag></CopyObjectResult>"), NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_copy_object(store.client, &described, 10, &small, &object, &store.err));
    assert_string_equal(object.etag, "e2");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "x-amz-metadata-directive: REPLACE\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "content-type: text/plain\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "content-disposition: attachment\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-meta-filename: a%20b\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-meta-sha256: 00\r\n"), 1);
    fake_server_free(&store.server);
}

static void test_a_large_object_is_copied_in_parts(void **state) {
    (void)state;
    static const char *const answers[] = {UPLOAD_STARTED,    PART_COPIED("p1"), PART_COPIED("p2"),
                                          PART_COPIED("p3"), COMPLETED,         NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_copy_object(store.client, &described, 11, &small, &object, &store.err));
    assert_string_equal(object.etag, "whole-3");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "content-disposition: attachment\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-meta-filename: a%20b\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source-range: bytes=0-3\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source-range: bytes=4-7\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source-range: bytes=8-10\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-copy-source-if-match: \"e1\"\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "?partNumber=3&uploadId=u1 "), 1);
    assert_int_equal(fake_s3_count(&store, "<PartNumber>2</PartNumber>"), 1);
    fake_server_free(&store.server);
}

static void test_a_copy_in_parts_that_fails_is_aborted(void **state) {
    (void)state;
    static const char *const answers[] = {UPLOAD_STARTED, PART_COPIED("p1"), FAKE_ERROR("200 OK", "InternalError"),
                                          FAKE_REPLY("204 No Content", "0", ""), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_false(s3_copy_object(store.client, &described, 11, &small, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "DELETE /uploads/assets/a?uploadId=u1 "), 1);
    fake_server_free(&store.server);
}

static void test_a_part_without_an_etag_is_a_failure(void **state) {
    (void)state;
    static const char *const answers[] = {UPLOAD_STARTED, FAKE_XML("200 OK", "<CopyPartResult></CopyPartResult>"),
                                          FAKE_REPLY("204 No Content", "0", ""), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_false(s3_copy_object(store.client, &described, 11, &small, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_parts_are_as_large_as_their_number_asks(void **state) {
    (void)state;
    const int64_t gibibyte = INT64_C(1) << 30;
    assert_int_equal(s3_copy_part_bytes(&s3_copy_usual_limits, 6 * gibibyte), gibibyte);
    int64_t largest = 50 * 1024 * gibibyte;
    int64_t part = s3_copy_part_bytes(&s3_copy_usual_limits, largest);
    assert_true(part <= 5 * gibibyte + 5 * gibibyte);
    assert_true((largest + part - 1) / part <= S3_PARTS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_a_small_object_is_described_and_copied_at_once),
        cmocka_unit_test(test_a_large_object_is_copied_in_parts),
        cmocka_unit_test(test_a_copy_in_parts_that_fails_is_aborted),
        cmocka_unit_test(test_a_part_without_an_etag_is_a_failure),
        cmocka_unit_test(test_parts_are_as_large_as_their_number_asks),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
