#include "api/s3_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void clients_are_lent_and_come_back(void **state) {
    (void)state;
    const struct s3_config config = {.endpoint = "http://127.0.0.1:1",
                                     .region = "us-east-1",
                                     .bucket = "bucket",
                                     .access_key = "a",
                                     .secret_key = "s",
                                     .path_style = true};
    struct error error = {0};
    _cleanup_(s3_pool_freep) struct s3_pool *pool = NULL;
    assert_true(s3_pool_new(&config, 2, &pool, &error));
    struct s3_client *one = NULL;
    struct s3_client *two = NULL;
    assert_true(s3_pool_take(pool, &one, &error));
    assert_true(s3_pool_take(pool, &two, &error));
    assert_ptr_not_equal(one, two);
    s3_pool_give(pool, one);
    struct s3_client *again = NULL;
    assert_true(s3_pool_take(pool, &again, &error));
    assert_ptr_equal(again, one);
    s3_pool_give(pool, two);
    assert_true(s3_pool_take(pool, &two, &error));
    assert_ptr_not_equal(again, two);
    s3_pool_give(pool, again);
    s3_pool_give(pool, two);
}

static void a_bad_bucket_is_a_wrong_setting(void **state) {
    (void)state;
    const struct s3_config config = {
        .endpoint = "http://127.0.0.1:1", .region = "r", .bucket = "NO", .access_key = "a", .secret_key = "s"};
    struct error error = {0};
    struct s3_pool *pool = NULL;
    assert_false(s3_pool_new(&config, 2, &pool, &error));
    assert_int_equal(error.code, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_lent_and_come_back),
        cmocka_unit_test(a_bad_bucket_is_a_wrong_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
