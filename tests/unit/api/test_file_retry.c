#include "api/file_retry.h"
#include "api/upload_policy.h"
#include "tests/unit/api/exchange.h"

static enum error_code retried(struct api *api, const char *method, enum file_status status) {
    struct error err = {0};
    struct request request = {0};
    const struct file_record record = {.file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                       .kind = (char *)"file",
                                       .owner_id = (char *)"dev",
                                       .upload_method = (char *)(uintptr_t)method,
                                       .object_key = (char *)"files/x/a",
                                       .status = status};
    assert_false(file_retry(api, &request, &record, &err));
    return err.code;
}

static void what_has_no_signed_url_gets_none(void **state) {
    assert_int_equal(retried(*state, "SERVER", PENDING), ERROR_CONFLICT);
    assert_int_equal(retried(*state, "SERVER", EXPIRED), ERROR_CONFLICT);
}

static void what_is_too_large_for_one_request_keeps_its_parts(void **state) {
    struct error err = {0};
    struct request request = {0};
    const struct file_record record = {
        .upload_method = (char *)"MULTIPART", .expected_size = UPLOAD_SINGLE_MAX_BYTES + 1, .status = PENDING};
    assert_false(file_retry(*state, &request, &record, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
}

static void without_a_database_there_is_no_answer(void **state) {
    assert_int_equal(retried(*state, "PUT", PENDING), ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(retried(*state, "MULTIPART", PENDING), ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(retried(*state, "PUT", FAILED), ERROR_DATABASE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_signed_url_gets_none),
        cmocka_unit_test(what_is_too_large_for_one_request_keeps_its_parts),
        cmocka_unit_test(without_a_database_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
