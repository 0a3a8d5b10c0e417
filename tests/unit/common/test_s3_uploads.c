#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/s3_multipart.h"

#include <signal.h>

#define UPLOAD(key, id)                                                                                                \
    "<Upload><Key>" key "</Key><UploadId>" id "</UploadId><Initiated>2026-11-20T12:34:56Z</Initiated>"                 \
    "<Initiator><ID>someone</ID></Initiator></Upload>"

static bool see(void *context, const struct s3_upload *upload, bool *ret_stop, struct error *err) {
    (void)ret_stop;
    (void)err;
    buf_printf(context, "%s:%s;", upload->key, upload->upload_id);
    assert_int_equal(upload->initiated_ms, 1795178096000);
    return true;
}

static void test_all_pages(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK",
                 "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a+b</NextKeyMarker>"
                 "<NextUploadIdMarker>2</NextUploadIdMarker><EncodingType>url</EncodingType>" UPLOAD("a", "1")
                     UPLOAD("a+b", "2") "</ListMultipartUploadsResult>"),
        FAKE_XML("200 OK", "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>" UPLOAD(
                               "c+", "3") "</ListMultipartUploadsResult>"),
        NULL};
    struct fake_s3 store;
    _cleanup_(buf_free) struct buf seen = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_multipart_list(store.client, "p/", see, &seen, &store.err));
    assert_string_equal(buf_text(&seen), "a:1;a b:2;c+:3;");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "GET /uploads?encoding-type=url&prefix=p%2F&uploads= HTTP"), 1);
    assert_int_equal(fake_s3_count(&store, "GET /uploads?encoding-type=url&key-marker=a%20b&prefix=p%2F&"
                                           "upload-id-marker=2&uploads= HTTP"),
                     1);
    fake_server_free(&store.server);
}

static void test_broken_pages(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<ListMultipartUploadsResult><Upload><Key>a</Key></Upload></ListMultipartUploadsResult>"),
        FAKE_XML("200 OK", "<ListMultipartUploadsResult><EncodingType>url</EncodingType>" UPLOAD(
                               "%zz", "1") "</ListMultipartUploadsResult>"),
        FAKE_ERROR("403 Forbidden", "AccessDenied"), NULL};
    static const enum error_code codes[] = {ERROR_STORE_ERROR, ERROR_STORE_ERROR, ERROR_STORE_DENIED};
    struct fake_s3 store;
    _cleanup_(buf_free) struct buf seen = {0};
    fake_s3_start(&store, answers);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_false(s3_multipart_list(store.client, NULL, see, &seen, &store.err));
        assert_int_equal(store.err.code, codes[i]);
    }
    assert_string_equal(buf_text(&seen), "");
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pages),
        cmocka_unit_test(test_broken_pages),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
