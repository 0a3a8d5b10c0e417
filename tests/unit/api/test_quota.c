#include "api/quota.h"
#include "tests/unit/api/exchange.h"

static void a_quota_is_one_of_two(void **state) {
    (void)state;
    assert_false(quota_applies(&(struct principal){0}));
    assert_true(quota_applies(&(struct principal){.quota = {.max_bytes = 1}}));
    assert_true(quota_applies(&(struct principal){.quota = {.max_pending = 1}}));
}

/* Without a quota no statement is sent: the connection would fail. */
static void without_a_quota_nothing_is_asked(void **state) {
    struct error err = {0};
    struct db *db = NULL;
    const struct principal principal = {.owner_id = "o"};
    assert_true(api_take_database(*state, &db, &err));
    assert_true(quota_prepare(db, &principal, &err));
    assert_true(quota_admit(db, &principal, NULL, 0, 0, &err));
    assert_true(quota_admit_arrived(db, &principal, &err));
    assert_true(quota_check(*state, &principal, 1, &err));
    db_pool_give(((struct api *)*state)->database, db);
}

static void without_a_database_nobody_with_a_quota_is_admitted(void **state) {
    struct error err = {0};
    struct db *db = NULL;
    const struct principal principal = {.owner_id = "o", .quota = {.max_bytes = 1}};
    const struct file_draft draft = {
        .kind = "file", .owner_id = "o", .filename = "f", .bucket = "b", .object_key = "k"};
    assert_true(api_take_database(*state, &db, &err));
    assert_false(quota_prepare(db, &principal, &err));
    db_pool_give(((struct api *)*state)->database, db);
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_false(quota_check(*state, &principal, 1, &err));
    assert_false(quota_insert_file(*state, &principal, &draft, 1, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_one_of_two),
        cmocka_unit_test(without_a_quota_nothing_is_asked),
        cmocka_unit_test(without_a_database_nobody_with_a_quota_is_admitted),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
