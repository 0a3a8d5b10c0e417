#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include <signal.h>

#define ENTRY(key)                                                                                                     \
    "<Contents><Key>" key "</Key><LastModified>2026-11-20T12:34:56.789Z</LastModified>"                                \
    "<ETag>&quot;e&quot;</ETag><Size>7</Size><Owner><ID>o</ID></Owner></Contents>"

struct seen {
    struct buf keys; /* one after the other, each followed by ';' */
    size_t stop_after;
    size_t count;
    bool fails;
};

static bool see(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    struct seen *seen = context;
    buf_printf(&seen->keys, "%s;", entry->key);
    assert_string_equal(entry->etag, "e");
    assert_int_equal(entry->size, 7);
    assert_int_equal(entry->last_modified_ms, 1795178096789);
    *ret_stop = ++seen->count == seen->stop_after;
    return !seen->fails || error_set(err, ERROR_CONFLICT, "no more");
}

static void test_pages_and_encodings(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>true</IsTruncated>" ENTRY("a+b%2B")
                               ENTRY("%C3%BC") "<NextContinuationToken>t/+=</NextContinuationToken>"
                                               "<EncodingType>url</EncodingType></ListBucketResult>"),
        FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated>" ENTRY("raw+%41") "</ListBucketResult>"),
        NULL};
    struct fake_s3 store;
    struct seen seen = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_client_list(store.client, "a/", "a/b", see, &seen, &store.err));
    assert_string_equal(buf_text(&seen.keys), "a b+;ü;raw+%41;");
    fake_s3_stop(&store);
    assert_int_equal(
        fake_s3_count(&store, "GET /uploads?encoding-type=url&list-type=2&prefix=a%2F&start-after=a%2Fb HTTP"), 1);
    assert_int_equal(
        fake_s3_count(&store,
                      "GET /uploads?continuation-token=t%2F%2B%3D&encoding-type=url&list-type=2&prefix=a%2F HTTP"),
        1);
    fake_server_free(&store.server);
    buf_free(&seen.keys);
}

static void test_a_caller_may_stop_or_fail(void **state) {
    (void)state;
    static const char page[] = FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>true</IsTruncated>" ENTRY("a")
                                                      ENTRY("b") "<NextContinuationToken>t</NextContinuationToken>"
                                                                 "</ListBucketResult>");
    static const char *const answers[] = {page, page, page, NULL};
    struct fake_s3 store;
    struct seen seen = {.stop_after = 3};
    fake_s3_start(&store, answers);
    assert_true(s3_client_list(store.client, NULL, NULL, see, &seen, &store.err));
    assert_string_equal(buf_text(&seen.keys), "a;b;a;");
    seen.fails = true;
    assert_false(s3_client_list(store.client, NULL, NULL, see, &seen, &store.err));
    assert_int_equal(store.err.code, ERROR_CONFLICT);
    assert_int_equal(seen.count, 4);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
    buf_free(&seen.keys);
}

static void test_hostile_pages(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf too_many = {0};
    buf_append_text(&too_many, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult>");
    for (int i = 0; i < 1001; i++) {
        buf_append_text(&too_many, ENTRY("k"));
    }
    buf_append_text(&too_many, "</ListBucketResult>");
    const char *const answers[] = {
        too_many.data,
        FAKE_XML("200 OK", "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>"),
        FAKE_XML("200 OK", "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"),
        FAKE_XML("200 OK", "<ListBucketResult><EncodingType>url</EncodingType>" ENTRY("%zz") "</ListBucketResult>"),
        FAKE_XML("200 OK", "<ListBucketResult><Contents>"),
        FAKE_REPLY("200 OK", "0", ""),
        NULL};
    struct fake_s3 store;
    struct seen seen = {0};
    fake_s3_start(&store, answers);
    for (int i = 0; i < 6; i++) {
        assert_false(s3_client_list(store.client, NULL, NULL, see, &seen, &store.err));
        assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    }
    assert_int_equal(seen.count, 0);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_and_encodings),
        cmocka_unit_test(test_a_caller_may_stop_or_fail),
        cmocka_unit_test(test_hostile_pages),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
