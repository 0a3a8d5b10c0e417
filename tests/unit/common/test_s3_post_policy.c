#include "tests/unit/vectors.h"

#include "common/s3_post_policy.h"

static void test_policy_is_what_it_is_told(void **state) {
    (void)state;
    const struct s3_field fields[] = {{"key", "a/b"}, {"x-amz-meta-n", "\"q\" \\ \n\x01 ü"}};
    const struct s3_post_policy policy = {
        .bucket = "uploads",
        .fields = fields,
        .field_count = 2,
        .any_content_type = true,
        .minimum_size = 1,
        .maximum_size = 5368709120,
        .expires_at_ms = 1795178996000,
    };
    _cleanup_(buf_free) struct buf out = {0};
    s3_post_policy_write(&policy, &out);
    assert_string_equal(out.data,
                        "{\"expiration\":\"2026-11-20T12:49:56.000Z\",\"conditions\":[{\"bucket\":\"uploads\"},"
                        "{\"key\":\"a/b\"},{\"x-amz-meta-n\":\"\\u0022q\\u0022 \\u005c \\u000a\\u0001 ü\"},"
                        "[\"starts-with\",\"$Content-Type\",\"\"],[\"content-length-range\",1,5368709120]]}");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_policy_is_what_it_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
