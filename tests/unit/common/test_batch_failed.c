#include "common/batch_failed.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"
#define LOCKED "BEGIN\nprepare ALBUM_LOCK\nrun ALBUM_LOCK\nprepare BATCH_PROGRESS\nrun BATCH_PROGRESS\n"

/* The album is locked before its newest batch is looked for, so that no other one can begin in between. */
static void an_album_without_a_batch_has_no_failures(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    size_t count = 5;
    assert_true(batch_retry(db, "dev", ID, &count, &err));
    assert_int_equal(count, 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, LOCKED "COMMIT\n");
}

static void an_album_that_is_not_there_is_said(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    _cleanup_(batch_failures_free) struct batch_failures removed = {0};
    assert_false(batch_clear(db, "dev", ID, &removed, &err));
    assert_int_equal(err.code, ERROR_ALBUM_NOT_FOUND);
    assert_int_equal(removed.count, 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, LOCKED "ROLLBACK\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_album_without_a_batch_has_no_failures),
        cmocka_unit_test(an_album_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
