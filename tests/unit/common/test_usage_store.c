#include "common/usage_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What sums come to is seen on the real database (tests/integration/test_quota.py). */

static void an_unknown_owner_has_the_limits_of_the_settings(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    struct usage_limits limits = {0};
    assert_true(usage_find_limits(db, "o", &limits, &err));
    assert_int_equal(limits.max_bytes, -1);
    assert_int_equal(limits.max_pending, -1);
    free(fake_postgres_stop(&server, db));
}

static void who_is_not_counted_has_no_usage(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    struct usage usage = {0};
    assert_false(usage_get(db, "o", &usage, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    free(fake_postgres_stop(&server, db));
}

/* Nothing is admitted that nobody counts, and nothing of it stays. */
static void an_owner_who_was_not_started_is_refused(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const struct usage_admission admission = {.owner_id = "o", .limits = {.max_bytes = 1}};
    assert_true(db_begin(db, &err));
    assert_false(usage_admit(db, &admission, &err));
    assert_int_equal(err.code, ERROR_DATABASE_CONFLICT);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, "run USAGE_LOCK\nROLLBACK\n"));
}

static void what_failed_is_rolled_back(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ERROR("22003"), FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const struct usage_admission admission = {.owner_id = "o", .limits = {.max_bytes = 1}};
    assert_true(db_begin(db, &err));
    assert_false(usage_admit(db, &admission, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    free(fake_postgres_stop(&server, db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_owner_has_the_limits_of_the_settings),
        cmocka_unit_test(who_is_not_counted_has_no_usage),
        cmocka_unit_test(an_owner_who_was_not_started_is_refused),
        cmocka_unit_test(what_failed_is_rolled_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
