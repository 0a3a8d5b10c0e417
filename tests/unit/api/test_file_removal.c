#include "api/file_removal.h"
#include "tests/unit/api/exchange.h"

static void nothing_needs_no_store(void **state) {
    struct error err = {0};
    assert_true(file_remove(*state, NULL, 0, &err));
}

/* The record stays as long as its object may be there. */
static void a_store_that_is_down_keeps_the_record(void **state) {
    struct error err = {0};
    struct file_record record = {.kind = (char *)"file",
                                 .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                 .owner_id = (char *)"dev",
                                 .upload_method = (char *)"PUT",
                                 .object_key = (char *)"files/x/a",
                                 .status = SYNCED};
    struct file_record *records[] = {&record};
    assert_false(file_remove(*state, records, 1, &err));
    assert_int_equal(err.code, ERROR_STORE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_needs_no_store),
        cmocka_unit_test(a_store_that_is_down_keeps_the_record),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
