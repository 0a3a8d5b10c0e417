#include "processor/batch_keeper.h"

#include "../common/fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_is_over_goes_and_the_rest_goes_on(void **state) {
    (void)state;
    struct fake_server server;
    static const char *const answers[] = {FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, NULL};
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(batch_keeper_run(db, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests,
                        "prepare BATCHES_FORGET\nrun BATCHES_FORGET\nprepare BATCHES_REPAIR\nrun BATCHES_REPAIR\n");
}

static void an_outage_is_told(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    assert_false(batch_keeper_run(db, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_goes_and_the_rest_goes_on),
        cmocka_unit_test(an_outage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
