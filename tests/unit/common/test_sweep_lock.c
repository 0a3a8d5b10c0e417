#include "common/sweep_lock.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void it_is_taken_once_it_is_free(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct error err = {0};
    struct db *db = fake_postgres_start(&server, answers, 0);
    assert_true(sweep_lock_take(db, 5000, &err)); /* FAKE_OK: no row, so not now */
    sweep_lock_give(db);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare SWEEP_LOCK\nrun SWEEP_LOCK\nrun SWEEP_LOCK\n"
                                  "prepare SWEEP_UNLOCK\nrun SWEEP_UNLOCK\n");
}

static void another_may_hold_it_too_long(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct error err = {0};
    struct db *db = fake_postgres_start(&server, answers, 0);
    assert_false(sweep_lock_take(db, 0, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    free(fake_postgres_stop(&server, db));
}

static void without_a_database_there_is_no_lock(void **state) {
    (void)state;
    struct error err = {0};
    bool is_locked = false;
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    assert_false(sweep_lock_try(db, &is_locked, &err));
    assert_false(sweep_lock_take(db, 1000, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    sweep_lock_give(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_taken_once_it_is_free),
        cmocka_unit_test(another_may_hold_it_too_long),
        cmocka_unit_test(without_a_database_there_is_no_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
