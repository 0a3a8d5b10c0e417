#include "common/sweep_uploads.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Which uploads are ended is seen on the real services (tests/faults/test_housekeeping.py). */
static void no_stale_upload_is_one_statement(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct error err = {0};
    bool has_more = true;
    struct db *db = fake_postgres_start(&server, answers, 0);
    struct sweep_uploads sweep = {.db = db, .bucket = "uploads", .age_s = 60};
    assert_true(sweep_uploads_page(&sweep, &has_more, &err));
    assert_false(has_more);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare MULTIPART_STALE\nrun MULTIPART_STALE\n");
}

static void an_outage_is_told(void **state) {
    (void)state;
    struct error err = {0};
    bool has_more = false;
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    struct sweep_uploads sweep = {.db = db, .bucket = "uploads", .age_s = 60};
    assert_false(sweep_uploads_page(&sweep, &has_more, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_stale_upload_is_one_statement),
        cmocka_unit_test(an_outage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
