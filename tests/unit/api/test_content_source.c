#include "api/content_source.h"
#include "tests/unit/api/exchange.h"

static void only_uploaded_files_have_content(void **state) {
    (void)state;
    struct file_record record = {.status = PENDING};
    struct error error = {0};
    assert_false(content_available(&record, &error));
    assert_int_equal(error.code, ERROR_NOT_UPLOADED);
    record.status = EXPIRED;
    assert_false(content_available(&record, &error));
    record.status = UPLOADED;
    assert_true(content_available(&record, &error));
    record.status = FAILED;
    record.error_code = (char *)"TYPE_MISMATCH";
    assert_true(content_available(&record, &error));
    record.error_code = (char *)"OBJECT_GONE";
    assert_false(content_available(&record, &error));
    assert_int_equal(error.code, ERROR_OBJECT_GONE);
}

static void a_photo_of_a_batch_has_content_once_it_is_in_its_album(void **state) {
    (void)state;
    struct file_record record = {.status = UPLOADED, .upload_method = (char *)"BATCH"};
    struct error error = {0};
    assert_false(content_available(&record, &error));
    assert_int_equal(error.code, ERROR_CONFLICT);
    record.status = SYNCED;
    assert_true(content_available(&record, &error));
}

static void verified_files_up_to_the_limit_are_cached(void **state) {
    (void)state;
    struct file_record record = {.status = SYNCED, .sha256 = (char *)"ab", .size = 10};
    assert_true(content_is_cached(&record, 10));
    assert_false(content_is_cached(&record, 9));
    record.status = SYNCING;
    assert_false(content_is_cached(&record, 10));
    record.status = SYNCED;
    record.sha256 = NULL;
    assert_false(content_is_cached(&record, 10));
}

static void an_outage_is_told_and_passed_on(void **state) {
    (void)state;
    struct exchange_api made = exchange_api_new();
    struct file_record record = {.kind = (char *)"file",
                                 .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                 .object_key = (char *)"k",
                                 .status = SYNCED,
                                 .sha256 = (char *)"ab",
                                 .size = 10};
    struct error error = {0};
    _cleanup_(buf_free) struct buf bytes = {0};
    enum content_cache cache = CONTENT_HIT;
    assert_false(content_read(made.api, &record, 5, &bytes, &cache, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
    assert_false(content_read(made.api, &record, 100, &bytes, &cache, &error));
    assert_int_equal(error.code, ERROR_STORE_UNAVAILABLE);
    content_forget(made.api, record.file_id);
    exchange_api_free(&made);
}

static void cache_results_have_names(void **state) {
    (void)state;
    assert_string_equal(content_cache_name(CONTENT_HIT), "HIT");
    assert_string_equal(content_cache_name(CONTENT_MISS), "MISS");
    assert_string_equal(content_cache_name(CONTENT_BYPASS), "BYPASS");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_uploaded_files_have_content),
        cmocka_unit_test(a_photo_of_a_batch_has_content_once_it_is_in_its_album),
        cmocka_unit_test(verified_files_up_to_the_limit_are_cached),
        cmocka_unit_test(an_outage_is_told_and_passed_on),
        cmocka_unit_test(cache_results_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
