#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/s3_multipart.h"

#include <signal.h>

static void test_create_and_abort(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<InitiateMultipartUploadResult><Bucket>uploads</Bucket><UploadId>id/+=</UploadId>"
                           "</InitiateMultipartUploadResult>"),
        FAKE_XML("200 OK", "<InitiateMultipartUploadResult/>"),
        FAKE_REPLY("204 No Content", "0", ""),
        FAKE_ERROR("404 Not Found", "NoSuchUpload"),
        FAKE_ERROR("503 Slow Down", "SlowDown"),
        NULL};
    struct fake_s3 store;
    _cleanup_(freep) char *upload_id = NULL;
    fake_s3_start(&store, answers);
    assert_true(s3_multipart_create(store.client, "k", "video/mp4", &upload_id, &store.err));
    assert_string_equal(upload_id, "id/+=");
    char *none = NULL;
    assert_false(s3_multipart_create(store.client, "k", NULL, &none, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    assert_true(s3_multipart_abort(store.client, "k", upload_id, &store.err));
    assert_true(s3_multipart_abort(store.client, "k", upload_id, &store.err));
    assert_false(s3_multipart_abort(store.client, "k", upload_id, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "POST /uploads/k?uploads= HTTP"), 2);
    assert_int_equal(fake_s3_count(&store, "content-type: video/mp4\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "DELETE /uploads/k?uploadId=id%2F%2B%3D HTTP"), 3);
    fake_server_free(&store.server);
}

static void test_upload_part(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0\r\nETag: \"p1\"", ""), FAKE_REPLY("200 OK", "0", ""),
                                          NULL};
    const struct s3_body body = {.bytes = "part", .length = 4};
    struct fake_s3 store;
    struct s3_part part = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_multipart_upload_part(store.client, "k", "id", 7, &body, &part, &store.err));
    assert_int_equal(part.number, 7);
    assert_int_equal(part.size, 4);
    assert_string_equal(part.etag, "p1");
    assert_false(s3_multipart_upload_part(store.client, "k", "id", 8, &body, &part, &store.err));
    assert_int_equal(part.number, 7);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads/k?partNumber=7&uploadId=id HTTP"), 1);
    fake_server_free(&store.server);
}

#define PART(number, etag) "<Part><PartNumber>" number "</PartNumber><ETag>" etag "</ETag><Size>5</Size></Part>"

static void test_list_parts_reads_all_pages(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<ListPartsResult><IsTruncated>true</IsTruncated>"
                           "<NextPartNumberMarker>2</NextPartNumberMarker>" PART("1", "&quot;a&quot;")
                               PART("2", "b") "</ListPartsResult>"),
        FAKE_XML("200 OK", "<ListPartsResult><IsTruncated>false</IsTruncated>" PART("3", "c") "</ListPartsResult>"),
        FAKE_XML("200 OK", "<ListPartsResult></ListPartsResult>"),
        FAKE_XML("200 OK", "<ListPartsResult>" PART("0", "a") "</ListPartsResult>"),
        /* A page that never ends: the marker does not move. */
        FAKE_XML("200 OK", "<ListPartsResult><IsTruncated>true</IsTruncated>" PART("1", "a") "</ListPartsResult>"),
        NULL};
    struct fake_s3 store;
    struct s3_part *parts = NULL;
    size_t count = 0;
    fake_s3_start(&store, answers);
    assert_true(s3_multipart_list_parts(store.client, "k", "id", &parts, &count, &store.err));
    assert_int_equal(count, 3);
    assert_string_equal(parts[0].etag, "a");
    assert_int_equal(parts[2].number, 3);
    assert_int_equal(parts[2].size, 5);
    free(parts);
    assert_true(s3_multipart_list_parts(store.client, "k", "id", &parts, &count, &store.err));
    assert_int_equal(count, 0);
    free(parts);
    assert_false(s3_multipart_list_parts(store.client, "k", "id", &parts, &count, &store.err));
    assert_true(s3_multipart_list_parts(store.client, "k", "id", &parts, &count, &store.err));
    assert_int_equal(count, 1);
    free(parts);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "GET /uploads/k?part-number-marker=2&uploadId=id HTTP"), 1);
    fake_server_free(&store.server);
}

static void test_complete(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK",
                 "\n  \n<CompleteMultipartUploadResult><ETag>\"all-2\"</ETag></CompleteMultipartUploadResult>"),
        FAKE_ERROR("200 OK", "InternalError"),
        FAKE_ERROR("400 Bad Request", "InvalidPart"),
        FAKE_ERROR("404 Not Found", "NoSuchUpload"),
        FAKE_REPLY("200 OK", "0", ""),
        NULL};
    static const enum error_code codes[] = {ERROR_STORE_UNAVAILABLE, ERROR_STORE_ERROR, ERROR_STORE_NOT_FOUND,
                                            ERROR_STORE_ERROR};
    const struct s3_part parts[] = {{.number = 1, .etag = "a"}, {.number = 2, .etag = "\"b\""}};
    struct fake_s3 store;
    struct s3_object object = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_multipart_complete(store.client, "k", "id", parts, 2, true, &object, &store.err));
    assert_string_equal(object.etag, "all-2");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_false(s3_multipart_complete(store.client, "k", "id", parts, 2, false, &object, &store.err));
        assert_int_equal(store.err.code, codes[i]);
    }
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "<Part><PartNumber>1</PartNumber><ETag>&#34;a&#34;</ETag></Part>"
                                           "<Part><PartNumber>2</PartNumber><ETag>&#34;b&#34;</ETag></Part>"),
                     5);
    assert_int_equal(fake_s3_count(&store, "if-none-match: *\r\n"), 1);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_and_abort),
        cmocka_unit_test(test_upload_part),
        cmocka_unit_test(test_list_parts_reads_all_pages),
        cmocka_unit_test(test_complete),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
