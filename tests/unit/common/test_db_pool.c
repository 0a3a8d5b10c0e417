#include "fake_server.h"

#include "common/db.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void connections_are_lent_and_come_back(void **state) {
    (void)state;
    _cleanup_(db_pool_freep) struct db_pool *pool = db_pool_new("postgresql://u@127.0.0.1:1/db", "test", 2, 1000);
    struct error err = {0};
    struct db *one = NULL;
    struct db *two = NULL;
    struct db *three = NULL;
    assert_true(db_pool_take(pool, 0, &one, &err));
    assert_true(db_pool_take(pool, 0, &two, &err));
    assert_true(one != two);
    assert_false(db_pool_take(pool, 1, &three, &err));
    assert_int_equal(err.code, ERROR_OVERLOADED);
    assert_null(three);
    db_pool_give(pool, two);
    assert_true(db_pool_take(pool, 0, &three, &err));
    assert_ptr_equal(three, two);
}

static void one_failed_attempt_speaks_for_all(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port);
    _cleanup_(freep) char *url = xasprintf("postgresql://u@127.0.0.1:%d/db", port);
    _cleanup_(db_pool_freep) struct db_pool *pool = db_pool_new(url, "test", 2, 1000);
    struct error err = {0};
    struct db *one = NULL;
    struct db *two = NULL;
    assert_true(db_pool_take(pool, 0, &one, &err));
    assert_true(db_pool_take(pool, 0, &two, &err));
    assert_false(db_connect(one, &err));
    assert_string_equal(err.message, "cannot connect: Connection refused");
    assert_false(db_connect(two, &err));
    assert_string_equal(err.message, "cannot connect: an attempt failed a moment ago");
    close(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_lent_and_come_back),
        cmocka_unit_test(one_failed_attempt_speaks_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
