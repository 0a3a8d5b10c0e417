#include "common/audit_assets.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Which of them are in use is seen on the real services (tests/integration/test_assets.py). */
static void keys_of_any_form_are_looked_up_at_once(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    const char *const keys[] = {"assets/0190a000-0000-7000-8000-00000000000a/a", "staging/x", "files/a"};
    _cleanup_(db_result_freep) struct db_result *used = NULL;
    struct error err = {0};
    assert_true(audit_used_assets(db, "uploads", keys, 3, &used, &err));
    assert_int_equal(db_rows(used), 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare ASSETS_OF_OBJECTS\nrun ASSETS_OF_OBJECTS\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_any_form_are_looked_up_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
