#include "common/batch_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"

static void states_have_the_names_of_the_column(void **state) {
    (void)state;
    assert_string_equal(batch_state_name(BATCH_NONE), "none");
    assert_string_equal(batch_state_name(BATCH_RECEIVING), "receiving");
    assert_string_equal(batch_state_name(BATCH_RUNNING), "running");
    assert_string_equal(batch_state_name(BATCH_DONE), "done");
    assert_false(batch_state_is_open(BATCH_NONE) || batch_state_is_open(BATCH_DONE));
    assert_true(batch_state_is_open(BATCH_RECEIVING) && batch_state_is_open(BATCH_RUNNING));
}

/* What rows mean is seen on the real database (tests/integration/test_batch.py). */
static void an_album_that_is_free_is_taken_in_one_statement(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_ROW, NULL}, 1000);
    bool is_open = false;
    struct error err = {0};
    assert_true(batch_open(db, "dev", ID, ID, 60, &is_open, &err));
    assert_true(is_open);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare BATCH_OPEN\nrun BATCH_OPEN\n");
}

/* Nor is there a row of it then: the album is not the owner's. */
static void an_album_that_is_not_there_is_said(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL}, 1000);
    bool is_open = true;
    struct error err = {0};
    assert_false(batch_open(db, "dev", ID, ID, 60, &is_open, &err));
    assert_false(is_open);
    assert_int_equal(err.code, ERROR_ALBUM_NOT_FOUND);
    free(fake_postgres_stop(&server, db));
}

static void an_album_that_is_taken_is_no_error(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db =
        fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ROW, NULL}, 1000);
    bool is_open = true;
    struct error err = {0};
    assert_true(batch_open(db, "dev", ID, ID, 60, &is_open, &err));
    assert_false(is_open);
    free(fake_postgres_stop(&server, db));
}

static void a_lease_that_was_lost_is_told(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_OK, FAKE_ROW, NULL}, 1000);
    bool is_held = true;
    struct error err = {0};
    assert_true(batch_extend(db, ID, 60, 3, &is_held, &err));
    assert_false(is_held);
    assert_true(batch_extend(db, ID, 60, 3, &is_held, &err));
    assert_true(is_held);
    free(fake_postgres_stop(&server, db));
}

static void without_a_batch_there_is_nothing_to_ask(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(batch_failures_free) struct batch_failures failures = {0};
    assert_true(batch_failures_read(NULL, "", 10, &failures, &err));
    assert_int_equal(failures.count, 0);
}

static void without_a_database_nothing_is_known(void **state) {
    (void)state;
    struct error err = {0};
    struct batch_progress progress = {.total = 7};
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    assert_false(batch_progress_read(db, "dev", ID, &progress, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(progress.total, 7);
    assert_false(batch_drop(db, ID, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_have_the_names_of_the_column),
        cmocka_unit_test(an_album_that_is_free_is_taken_in_one_statement),
        cmocka_unit_test(an_album_that_is_not_there_is_said),
        cmocka_unit_test(an_album_that_is_taken_is_no_error),
        cmocka_unit_test(a_lease_that_was_lost_is_told),
        cmocka_unit_test(without_a_batch_there_is_nothing_to_ask),
        cmocka_unit_test(without_a_database_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
