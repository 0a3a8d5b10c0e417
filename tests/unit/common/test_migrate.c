#include "fake_postgres.h"

#include "common/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_embedded_migrations_are_in_order(void **state) {
    (void)state;
    for (const struct migration *migration = migrations; migration->name != NULL; migration++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%04d_", (int)(migration - migrations) + 1);
        assert_int_equal(migration->number, (migration - migrations) + 1);
        assert_memory_equal(migration->name, prefix, 5);
        assert_true(strlen(migration->sql) > 0);
    }
}

/* That they apply, once, and that changed ones are refused, is shown against a real Postgres. */
static void a_failure_leaves_no_transaction_open(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_ERROR("42501"), FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 0);
    struct error err = {0};
    assert_false(migrate_apply(db, NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, "BEGIN\nprepare MIGRATIONS_LOCK\nrun MIGRATIONS_LOCK\nCREATE TABLE"));
    assert_non_null(strstr(requests, "\nROLLBACK\n"));
}

static void migrations_are_missing_until_they_are_recorded(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 0);
    struct error err = {0};
    size_t all = 0;
    assert_true(migrate_missing(db, &all, &err));
    assert_true(all > 0);
    size_t missing = 0;
    assert_true(migrate_missing(db, &missing, &err));
    assert_int_equal(missing, all);
    free(fake_postgres_stop(&server, db));
}

static void count_one(const struct migration *migration, void *context) {
    size_t *count = context;
    assert_ptr_equal(migration, &migrations[*count]);
    *count += 1;
}

static void missing_ones_are_named_and_unknown_ones_refused(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 0);
    struct error err = {0};
    size_t count = 0;
    assert_true(migrate_examine(db, count_one, &count, &err));
    assert_true(count > 0);
    assert_false(migrate_examine(db, count_one, &count, &err)); /* number 0 */
    assert_int_equal(err.code, ERROR_CONFLICT);
    free(fake_postgres_stop(&server, db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_embedded_migrations_are_in_order),
        cmocka_unit_test(a_failure_leaves_no_transaction_open),
        cmocka_unit_test(migrations_are_missing_until_they_are_recorded),
        cmocka_unit_test(missing_ones_are_named_and_unknown_ones_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
