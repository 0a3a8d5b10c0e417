#include "tests/unit/vectors.h"

#include "common/s3_endpoint.h"

static void expect(const char *url, bool path_style, const char *scheme, const char *host, const char *object_path,
                   const char *bucket_path) {
    struct s3_endpoint endpoint = {0};
    struct error err = {0};
    _cleanup_(buf_free) struct buf of_object = {0};
    _cleanup_(buf_free) struct buf of_bucket = {0};
    assert_true(s3_endpoint_parse(url, "my.bucket-1", path_style, &endpoint, &err));
    s3_endpoint_path(&endpoint, "a b/c", &of_object);
    s3_endpoint_path(&endpoint, NULL, &of_bucket);
    assert_string_equal(endpoint.scheme, scheme);
    assert_string_equal(endpoint.host, host);
    assert_string_equal(buf_text(&of_object), object_path);
    assert_string_equal(buf_text(&of_bucket), bucket_path);
    s3_endpoint_free(&endpoint);
}

static void test_addresses(void **state) {
    (void)state;
    expect("http://localhost:9000", true, "http", "localhost:9000", "/my.bucket-1/a b/c", "/my.bucket-1");
    expect("http://localhost:9000/", true, "http", "localhost:9000", "/my.bucket-1/a b/c", "/my.bucket-1");
    expect("https://s3.example.com", false, "https", "my.bucket-1.s3.example.com", "/a b/c", "/");
    expect("https://s3.example.com:443", false, "https", "my.bucket-1.s3.example.com", "/a b/c", "/");
    expect("http://s3.example.com:80", true, "http", "s3.example.com", "/my.bucket-1/a b/c", "/my.bucket-1");
    expect("http://s3.example.com:443", true, "http", "s3.example.com:443", "/my.bucket-1/a b/c", "/my.bucket-1");
    expect("https://x/s3/v1/", true, "https", "x", "/s3/v1/my.bucket-1/a b/c", "/s3/v1/my.bucket-1");
    expect("https://x/s3", false, "https", "my.bucket-1.x", "/s3/a b/c", "/s3");
    expect("http://[::1]:9000", true, "http", "[::1]:9000", "/my.bucket-1/a b/c", "/my.bucket-1");
    expect("http://[::1]", true, "http", "[::1]", "/my.bucket-1/a b/c", "/my.bucket-1");
}

static void refuse(const char *url, const char *bucket) {
    struct s3_endpoint endpoint = {0};
    struct error err = {0};
    if (s3_endpoint_parse(url, bucket, true, &endpoint, &err)) {
        fail_msg("accepted %s %s", url, bucket);
    }
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_null(endpoint.host);
}

static void test_bad_endpoints(void **state) {
    (void)state;
    static const char *const urls[] = {
        "",           "localhost:9000", "ftp://x",        "http://",       "http:///x",      "http://:9000",
        "http://x:",  "http://x:0",     "http://x:65536", "http://x:9a",   "http://x?y",     "http://x#y",
        "http://x/?", "http://u:p@x",   "http://x y",     "http://x/a b",  "http://x/%41",   "http://x/../y",
        "http://[::", "http://::1",     "http://::1]:9",  "HTTP://x\r\ny", "https://x//y/z", "http://x:80:80",
    };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        refuse(urls[i], "uploads");
    }
}

static void test_bad_buckets(void **state) {
    (void)state;
    static const char *const buckets[] = {
        "",    "ab",  "Uploads",   "up_loads", "up/loads",
        "-up", "up-", "up..loads", ".up",      "a234567890123456789012345678901234567890123456789012345678901234",
    };
    for (size_t i = 0; i < sizeof buckets / sizeof buckets[0]; i++) {
        refuse("http://x", buckets[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_bad_endpoints),
        cmocka_unit_test(test_bad_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
