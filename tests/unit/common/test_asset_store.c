#include "common/asset_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-00000000000a"

/* What rows mean is seen on the real database (tests/integration/test_assets.py, tests/faults/test_assets.py). */
static void a_content_that_nobody_tells_of_is_busy(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    char owner[] = "dev";
    const struct file_job job = {.file_id = ID, .owner_id = owner, .lease_token = ID};
    enum asset_claim claim = ASSET_OWN;
    char holder[ID_TEXT_SIZE] = "";
    struct error err = {0};
    assert_true(asset_claim(db, &job, &claim, holder, &err));
    assert_int_equal(claim, ASSET_BUSY);
    assert_string_equal(holder, "");
    free(fake_postgres_stop(&server, db));
}

static void a_holder_of_no_row_stands_no_more(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    char owner[] = "dev";
    const struct file_job job = {.file_id = ID, .owner_id = owner, .lease_token = ID};
    const struct asset_ending endings[] = {{.job = &job, .object_key = "assets/x"}, {.job = &job, .holder = ID}};
    bool stands[] = {true, true};
    struct error err = {0};
    assert_true(asset_hold(db, endings, 2, stands, &err));
    assert_false(stands[0] || stands[1]);
    free(fake_postgres_stop(&server, db));
}

/* Content, work, record: the order in which workers lock, too. Nothing is changed for a file that is not there. */
static void what_is_not_there_is_locked_in_order_and_left(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    enum asset_release release = ASSET_LET_GO;
    char other[ID_TEXT_SIZE] = "";
    struct error err = {0};
    assert_true(asset_release(db, "dev", ID, &release, other, &err));
    assert_int_equal(release, ASSET_GONE);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\nprepare ASSET_LOCK\nrun ASSET_LOCK\nprepare QUEUE_DELETE\nrun QUEUE_DELETE\n"
                                  "prepare ASSET_STANDING\nrun ASSET_STANDING\nROLLBACK\n");
}

static void without_a_database_nothing_is_found(void **state) {
    (void)state;
    struct error err = {0};
    int64_t references = 5;
    _cleanup_(assets_free) struct assets assets = {0};
    _cleanup_(db_freep) struct db *db = db_new("postgresql://127.0.0.1:1/none", "test", 0);
    assert_false(asset_get(db, "dev", ID, &assets, &err));
    assert_false(asset_references(db, "dev", ID, &references, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(references, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_content_that_nobody_tells_of_is_busy),
        cmocka_unit_test(a_holder_of_no_row_stands_no_more),
        cmocka_unit_test(what_is_not_there_is_locked_in_order_and_left),
        cmocka_unit_test(without_a_database_nothing_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
