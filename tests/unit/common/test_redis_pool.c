#include "common/redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void connections_are_lent_and_come_back(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(redis_pool_freep) struct redis_pool *pool = NULL;
    assert_true(redis_pool_new("redis://127.0.0.1:1", 2, 100, &pool, &err));
    struct redis *one = NULL;
    struct redis *two = NULL;
    struct redis *three = NULL;
    assert_true(redis_pool_take(pool, 0, &one, &err));
    assert_true(redis_pool_take(pool, 0, &two, &err));
    assert_true(one != two);
    assert_false(redis_pool_take(pool, 1, &three, &err));
    assert_int_equal(err.code, ERROR_OVERLOADED);
    redis_pool_give(pool, one);
    assert_true(redis_pool_take(pool, 0, &three, &err));
    assert_ptr_equal(three, one);
}

static void one_failed_attempt_speaks_for_all(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(redis_pool_freep) struct redis_pool *pool = NULL;
    assert_true(redis_pool_new("redis://127.0.0.1:1", 2, 100, &pool, &err));
    struct redis *one = NULL;
    struct redis *two = NULL;
    assert_true(redis_pool_take(pool, 0, &one, &err));
    assert_true(redis_pool_take(pool, 0, &two, &err));
    assert_false(redis_ping(one, &err));
    assert_false(redis_ping(two, &err));
    assert_string_equal(err.message, "cannot connect: an attempt failed a moment ago");
}

static void a_wrong_url_makes_no_pool(void **state) {
    (void)state;
    struct error err = {0};
    struct redis_pool *pool = NULL;
    assert_false(redis_pool_new("127.0.0.1:6379", 2, 100, &pool, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_null(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_lent_and_come_back),
        cmocka_unit_test(one_failed_attempt_speaks_for_all),
        cmocka_unit_test(a_wrong_url_makes_no_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
