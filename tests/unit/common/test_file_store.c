#include "fake_postgres.h"

#include "common/file_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FILE_ID "0190a000-0000-7000-8000-000000000001"

static void a_file_that_is_not_there_is_not_found(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    struct file_record *record = NULL;
    assert_false(file_store_get(db, "owner", FILE_ID, &record, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_null(record);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare FILES_GET\nrun FILES_GET\n");
}

static void an_outage_is_told_as_one(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_ERROR("53300"), NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    _cleanup_(file_records_free) struct file_records records = {0};
    const struct file_filter filter = {.limit = 10};
    assert_false(file_store_list(db, "owner", &filter, &records, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(records.count, 0);
    free(fake_postgres_stop(&server, db));
}

static void photos_of_batches_are_in_place_at_the_end(void **state) {
    (void)state;
    struct file_record record = {.status = SYNCING, .upload_method = (char *)(uintptr_t)FILE_METHOD_BATCH};
    assert_false(file_record_is_in_place(&record));
    record.status = FAILED;
    assert_false(file_record_is_in_place(&record));
    record.status = SYNCED;
    assert_true(file_record_is_in_place(&record));
    record = (struct file_record){.status = SYNCING, .upload_method = (char *)(uintptr_t) "SERVER"};
    assert_true(file_record_is_in_place(&record));
}

static void freeing_accepts_nothing(void **state) {
    (void)state;
    struct file_records records = {0};
    file_record_free(NULL);
    file_records_free(&records);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_not_there_is_not_found),
        cmocka_unit_test(an_outage_is_told_as_one),
        cmocka_unit_test(photos_of_batches_are_in_place_at_the_end),
        cmocka_unit_test(freeing_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
