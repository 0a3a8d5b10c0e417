#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include <signal.h>

static bool collect(void *context, const void *bytes, size_t length, struct error *err) {
    (void)err;
    buf_append(context, bytes, length);
    return true;
}

static void test_head(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_REPLY("200 OK",
                   "5368709120\r\nETag: \"abc-2\"\r\nContent-Type: image/jpeg\r\nx-amz-version-id: v1\r\n"
                   "x-amz-checksum-sha256: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n"
                   "Last-Modified: Fri, 20 Nov 2026 12:34:56 GMT",
                   ""),
        FAKE_REPLY("200 OK", "0\r\nx-amz-checksum-sha256: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=-2", ""),
        FAKE_REPLY("404 Not Found", "0", ""), NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_client_head(store.client, "k", &object, &store.err));
    assert_int_equal(object.size, 5368709120);
    assert_string_equal(object.etag, "abc-2");
    assert_string_equal(object.content_type, "image/jpeg");
    assert_string_equal(object.version_id, "v1");
    assert_true(object.has_sha256);
    assert_memory_equal(object.sha256, "\x00\x01\x02\x03\x04\x05", 6);
    assert_int_equal(object.last_modified_ms, 1795178096000);
    assert_true(s3_client_head(store.client, "k", &object, &store.err));
    assert_int_equal(object.size, 0);
    assert_false(object.has_sha256);
    assert_string_equal(object.content_type, "");
    assert_false(s3_client_head(store.client, "k", &object, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_NOT_FOUND);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "x-amz-checksum-mode: ENABLED\r\n"), 3);
    fake_server_free(&store.server);
}

static void test_get(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_REPLY("200 OK", "5\r\nETag: \"e\"", "whole"),
        FAKE_REPLY("206 Partial Content", "3\r\nContent-Range: bytes 2-4/100", "mid"),
        FAKE_REPLY("206 Partial Content", "4\r\nContent-Range: bytes 96-99/*", "tail"), NULL};
    struct fake_s3 store;
    struct s3_object object = {0};
    _cleanup_(buf_free) struct buf data = {0};
    struct s3_get get = {.key = "k", .length = -1, .sink = collect, .sink_context = &data};
    fake_s3_start(&store, answers);
    assert_true(s3_client_get(store.client, &get, &object, &store.err));
    assert_int_equal(object.size, 5);
    get = (struct s3_get){.key = "k",
                          .version_id = "v",
                          .if_match = "e",
                          .offset = 2,
                          .length = 3,
                          .sink = collect,
                          .sink_context = &data};
    assert_true(s3_client_get(store.client, &get, &object, &store.err));
    assert_int_equal(object.size, 100);
    get.offset = 96;
    get.length = -1;
    assert_true(s3_client_get(store.client, &get, &object, &store.err));
    assert_int_equal(object.size, -1);
    assert_string_equal(buf_text(&data), "wholemidtail");
    get.length = 0;
    assert_false(s3_client_get(store.client, &get, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_RANGE_NOT_SATISFIABLE);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "range: bytes=2-4\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "range: bytes=96-\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "if-match: \"e\"\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "?versionId=v "), 2);
    fake_server_free(&store.server);
}

/* Neither a cut body nor the whole object in place of a range may pass for what was asked. */
static void test_get_of_the_wrong_bytes(void **state) {
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\ncut",
                                          FAKE_REPLY("200 OK", "5", "whole"),
                                          FAKE_ERROR("412 Precondition Failed", "PreconditionFailed"), NULL};
    struct fake_s3 store;
    _cleanup_(buf_free) struct buf data = {0};
    struct s3_get get = {.key = "k", .length = -1, .sink = collect, .sink_context = &data};
    fake_s3_start(&store, answers);
    assert_false(s3_client_get(store.client, &get, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    buf_clear(&data);
    get.offset = 1;
    assert_false(s3_client_get(store.client, &get, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    assert_false(s3_client_get(store.client, &get, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_PRECONDITION);
    assert_string_equal(buf_text(&data), "");
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_read_is_bounded(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "5", "12345"), FAKE_REPLY("200 OK", "6", "123456"),
                                          NULL};
    struct fake_s3 store;
    _cleanup_(buf_free) struct buf data = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_client_read(store.client, "k", 5, &data, NULL, &store.err));
    assert_string_equal(buf_text(&data), "12345");
    assert_false(s3_client_read(store.client, "k", 5, &data, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_FILE_TOO_LARGE);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_put(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0\r\nETag: \"e1\"\r\nx-amz-version-id: v", ""),
                                          FAKE_ERROR("412 Precondition Failed", "PreconditionFailed"), NULL};
    const unsigned char sha256[SHA256_SIZE] = {0};
    struct fake_s3 store;
    struct s3_object object = {0};
    struct s3_put put = {.key = "k",
                         .content_type = "text/plain",
                         .cache_control = "no-store",
                         .content_disposition = "attachment",
                         .if_none_match = true,
                         .body = {.bytes = "abc", .length = 3, .sha256 = sha256}};
    fake_s3_start(&store, answers);
    assert_true(s3_client_put(store.client, &put, &object, &store.err));
    assert_string_equal(object.etag, "e1");
    assert_string_equal(object.version_id, "v");
    assert_int_equal(object.size, 3);
    assert_false(s3_client_put(store.client, &put, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_PRECONDITION);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "\r\n\r\nabc\n--\n"), 2);
    assert_int_equal(fake_s3_count(&store, "if-none-match: *\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "content-type: text/plain\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "cache-control: no-store\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "content-disposition: attachment\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "x-amz-checksum-sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"),
                     2);
    fake_server_free(&store.server);
}

/* A conditional PUT whose reply was lost may have succeeded: sent again, it would fail on its own object. */
static void test_a_conditional_put_is_sent_once(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_CLOSE, FAKE_CLOSE, FAKE_REPLY("200 OK", "0", ""), NULL};
    struct fake_s3 store;
    struct s3_put put = {.key = "k", .if_none_match = true, .body = {.bytes = "abc", .length = 3}};
    fake_s3_start_with(&store, answers, "us-east-1", 3);
    assert_false(s3_client_put(store.client, &put, NULL, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    put.if_none_match = false;
    assert_true(s3_client_put(store.client, &put, NULL, &store.err));
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "if-none-match: *\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "PUT "), 3);
    fake_server_free(&store.server);
}

static void test_delete(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("204 No Content", "0", ""),
                                          FAKE_ERROR("404 Not Found", "NoSuchKey"),
                                          FAKE_ERROR("403 Forbidden", "AccessDenied"), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_true(s3_client_delete(store.client, "k", &store.err));
    assert_true(s3_client_delete(store.client, "k", &store.err));
    assert_false(s3_client_delete(store.client, "k", &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_DENIED);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_delete_many(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<DeleteResult/>"),
        FAKE_XML("200 OK", "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>"),
        FAKE_XML("200 OK", "<DeleteResult/>"), NULL};
    enum { COUNT = 1001 };
    const char *keys[COUNT];
    struct fake_s3 store;
    for (size_t i = 0; i < COUNT; i++) {
        keys[i] = i == 0 ? "a & <b>" : "k";
    }
    fake_s3_start(&store, answers);
    assert_true(s3_client_delete_many(store.client, keys, 2, &store.err));
    assert_false(s3_client_delete_many(store.client, keys, COUNT, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    assert_non_null(strstr(store.err.message, "AccessDenied"));
    assert_true(s3_client_delete_many(store.client, keys, 0, &store.err));
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "POST /uploads?delete= HTTP/1.1\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "<Object><Key>a &#38; &#60;b&#62;</Key></Object>"), 2);
    assert_int_equal(fake_s3_count(&store, "<Key>"), 2 + COUNT);
    assert_int_equal(fake_s3_count(&store, "x-amz-checksum-sha256: "), 3);
    fake_server_free(&store.server);
}

static void test_bad_configuration(void **state) {
    (void)state;
    const struct s3_config config = {.endpoint = "s3.example.com", .bucket = "uploads"};
    struct s3_client *client = NULL;
    struct error err = {0};
    assert_false(s3_client_new(&config, &client, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    s3_client_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_get_of_the_wrong_bytes),
        cmocka_unit_test(test_read_is_bounded),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_a_conditional_put_is_sent_once),
        cmocka_unit_test(test_delete),
        cmocka_unit_test(test_delete_many),
        cmocka_unit_test(test_bad_configuration),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
