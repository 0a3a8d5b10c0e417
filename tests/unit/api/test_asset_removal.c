#include "api/asset_removal.h"
#include "tests/unit/api/exchange.h"

/* What is dropped and what stays is seen on the real services (tests/integration/test_assets.py). */
static void without_a_database_nothing_is_removed(void **state) {
    struct error err = {0};
    struct asset_removal removal = {.references = 7};
    const struct file_record record = {.kind = (char *)"asset",
                                       .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                       .duplicate_of = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02e",
                                       .owner_id = (char *)"dev",
                                       .status = SYNCED};
    for (int all = 0; all < 2; all++) {
        assert_false(asset_remove(*state, &record, all == 1, &removal, &err));
        assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
        assert_string_equal(removal.asset_id, "01a1f94e-2f62-7be1-aa0a-b163f5cce02e");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_nothing_is_removed),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
