#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/s3_request.h"

#include <signal.h>

static const struct {
    const char *answer;
    enum error_code code;
    const char *message;
} outcomes[] = {
    {FAKE_ERROR("404 Not Found", "NoSuchKey"), ERROR_STORE_NOT_FOUND, "GET: the store answered 404 NoSuchKey"},
    {FAKE_ERROR("404 Not Found", "NoSuchBucket"), ERROR_STORE_NOT_FOUND, "GET: the store answered 404 NoSuchBucket"},
    {FAKE_REPLY("404 Not Found", "0", ""), ERROR_STORE_NOT_FOUND, "GET: the store answered 404 "},
    {FAKE_REPLY("404 Not Found", "0\r\nx-minio-error-code: NoSuchBucket", ""), ERROR_STORE_NOT_FOUND,
     "GET: the store answered 404 NoSuchBucket"},
    {FAKE_REPLY("404 Not Found", "0\r\nx-minio-error-code: a b=c", ""), ERROR_STORE_NOT_FOUND,
     "GET: the store answered 404 "},
    {FAKE_ERROR("404 Not Found", "XAdminUserNotFound"), ERROR_STORE_DENIED, "404 XAdminUserNotFound"},
    {FAKE_ERROR("404 Not Found", "SomethingNew"), ERROR_STORE_ERROR, "404 SomethingNew"},
    {FAKE_REPLY("404 Not Found", "13", "<html></html>"), ERROR_STORE_ERROR, "404 "},
    {FAKE_ERROR("403 Forbidden", "AccessDenied"), ERROR_STORE_DENIED, "403 AccessDenied"},
    {FAKE_ERROR("403 Forbidden", "SignatureDoesNotMatch"), ERROR_STORE_DENIED, "403 SignatureDoesNotMatch"},
    {FAKE_ERROR("403 Forbidden", "InvalidAccessKeyId"), ERROR_STORE_DENIED, "403 InvalidAccessKeyId"},
    {FAKE_ERROR("403 Forbidden", "SomethingNew"), ERROR_STORE_DENIED, "403 SomethingNew"},
    {FAKE_ERROR("400 Bad Request", "ExpiredToken"), ERROR_STORE_DENIED, "400 ExpiredToken"},
    {FAKE_REPLY("401 Unauthorized", "0", ""), ERROR_STORE_DENIED, "401 "},
    {FAKE_ERROR("412 Precondition Failed", "PreconditionFailed"), ERROR_STORE_PRECONDITION, "412 PreconditionFailed"},
    {FAKE_ERROR("409 Conflict", "ConditionalRequestConflict"), ERROR_STORE_PRECONDITION, "409 Conditional"},
    {FAKE_ERROR("416 Range", "InvalidRange"), ERROR_RANGE_NOT_SATISFIABLE, "416 InvalidRange"},
    {FAKE_ERROR("503 Slow Down", "SlowDown"), ERROR_STORE_UNAVAILABLE, "503 SlowDown"},
    {FAKE_ERROR("400 Bad Request", "RequestTimeout"), ERROR_STORE_UNAVAILABLE, "400 RequestTimeout"},
    {FAKE_REPLY("500 Internal", "0", ""), ERROR_STORE_UNAVAILABLE, "500 "},
    {FAKE_REPLY("502 Bad Gateway", "13", "<html></html>"), ERROR_STORE_UNAVAILABLE, "502 "},
    {FAKE_REPLY("504 Timeout", "0", ""), ERROR_STORE_UNAVAILABLE, "504 "},
    {FAKE_REPLY("429 Too Many", "0", ""), ERROR_STORE_UNAVAILABLE, "429 "},
    {FAKE_ERROR("507 Full", "XMinioStorageFull"), ERROR_STORE_UNAVAILABLE, "507 XMinioStorageFull"},
    {FAKE_ERROR("501 Not Implemented", "NotImplemented"), ERROR_NOT_IMPLEMENTED, "501 NotImplemented"},
    {FAKE_ERROR("400 Bad Request", "EntityTooLarge"), ERROR_STORE_ERROR, "400 EntityTooLarge"},
    {FAKE_ERROR("301 Moved", "PermanentRedirect"), ERROR_STORE_ERROR, "301 PermanentRedirect"},
    {FAKE_ERROR("400 Bad Request", "a b\nforged=line"), ERROR_STORE_ERROR, "GET: the store answered 400 "},
    {FAKE_CLOSE, ERROR_STORE_UNAVAILABLE, "Empty reply"},
    {"HTTP/1.1 garbage\r\n\r\n", ERROR_STORE_ERROR, ""},
};

static void test_outcomes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        const char *const answers[] = {outcomes[i].answer, NULL};
        struct fake_s3 store;
        fake_s3_start(&store, answers);
        struct s3_request request = {.method = "GET", .key = "private-key"};
        s3_request_query(&request, "uploadId", "private-id");
        assert_false(s3_request_send(store.client, &request, &store.err));
        if (store.err.code != outcomes[i].code || strstr(store.err.message, outcomes[i].message) == NULL) {
            fail_msg("%zu: %s %s", i, error_name(&store.err), store.err.message);
        }
        assert_null(strstr(store.err.message, "secret-key"));
        assert_null(strstr(store.err.message, "private"));
        assert_null(strchr(store.err.message, '\n'));
        fake_s3_stop(&store);
        fake_server_free(&store.server);
    }
}

static void test_what_is_sent(void **state) {
    (void)state;
    static const char ok[] = FAKE_REPLY("200 OK", "0", "");
    static const char *const answers[] = {ok, ok, ok, NULL};
    const unsigned char sha256[SHA256_SIZE] = {0xab};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    struct s3_request request = {.method = "PUT", .key = "a b/ü?&+.csv"};
    s3_request_query(&request, "partNumber", "1");
    s3_request_query(&request, "left-out", NULL);
    s3_request_header(&request, "x-odd", " a  b ");
    s3_request_header(&request, "x-left-out", NULL);
    request.body = (struct s3_body){.bytes = "abc", .length = 3};
    assert_true(s3_request_send(store.client, &request, &store.err));
    request.body.sha256 = sha256;
    assert_true(s3_request_send(store.client, &request, &store.err));
    assert_true(s3_request_send(store.client, &(struct s3_request){.method = "HEAD"}, &store.err));
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads/a%20b/%C3%BC%3F%26%2B.csv?partNumber=1 HTTP/1.1\r\n"), 2);
    assert_int_equal(fake_s3_count(&store, "HEAD /uploads HTTP/1.1\r\n"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-security-token: session-token\r\n"), 3);
    assert_int_equal(fake_s3_count(&store, "authorization: AWS4-HMAC-SHA256 Credential=access-key/"), 3);
    assert_int_equal(fake_s3_count(&store, "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token;"
                                           "x-odd, Signature="),
                     2);
    assert_int_equal(
        fake_s3_count(&store,
                      "x-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n"),
        1);
    assert_int_equal(fake_s3_count(&store, "x-amz-content-sha256: ab0000"), 1);
    assert_int_equal(fake_s3_count(&store, "x-amz-content-sha256: e3b0c442"), 1);
    assert_int_equal(fake_s3_count(&store, "left-out"), 0);
    assert_int_equal(fake_s3_count(&store, "secret-key"), 0);
    fake_server_free(&store.server);
}

static void test_a_success_may_hide_an_error(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_ERROR("200 OK", "InternalError"), FAKE_XML("200 OK", "<Fine/>"), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_true(s3_request_send(store.client, &(struct s3_request){.method = "PUT", .key = "k"}, &store.err));
    assert_false(s3_request_check_body(store.client, "PUT", &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_UNAVAILABLE);
    assert_true(s3_request_send(store.client, &(struct s3_request){.method = "PUT", .key = "k"}, &store.err));
    assert_true(s3_request_check_body(store.client, "PUT", &store.err));
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void expect_etag(const char *etag, const char *expected) {
    char copy[S3_ETAG_SIZE];
    s3_request_copy_etag(etag, copy);
    assert_string_equal(copy, expected);
}

static void test_etags(void **state) {
    (void)state;
    char long_etag[S3_ETAG_SIZE + 3];
    memset(long_etag, 'e', sizeof long_etag);
    long_etag[S3_ETAG_SIZE + 1] = '\0';
    expect_etag("\"abc-2\"", "abc-2");
    expect_etag("abc", "abc");
    expect_etag("", "");
    expect_etag("\"", "\"");
    expect_etag("\"\"", "");
    expect_etag(long_etag, "");
    long_etag[S3_ETAG_SIZE - 1] = '\0';
    expect_etag(long_etag, long_etag);
}

static void test_listed_keys(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(buf_free) struct buf key = {0};
    assert_true(s3_request_decode_key("a+b%2B%C3%BC", true, &key, &err));
    assert_string_equal(buf_text(&key), "a b+ü");
    buf_clear(&key);
    assert_true(s3_request_decode_key("a+b%2B", false, &key, &err));
    assert_string_equal(buf_text(&key), "a+b%2B");
    assert_false(s3_request_decode_key("%zz", true, &key, &err));
    assert_false(s3_request_decode_key("%ff", true, &key, &err)); /* no UTF-8 */
    assert_int_equal(err.code, ERROR_STORE_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_a_success_may_hide_an_error),
        cmocka_unit_test(test_etags),
        cmocka_unit_test(test_listed_keys),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
