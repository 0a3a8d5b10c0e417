#include "api/asset_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const struct file_record *record, const char *wanted) {
    _cleanup_(buf_free) struct buf json = {0};
    task_json(record, &json);
    assert_string_equal(buf_text(&json), wanted);
}

static char file_id[] = "f1";
static char other_id[] = "f0";
static char kind[] = "asset";

static void a_task_has_no_asset_until_it_is_complete(void **state) {
    (void)state;
    static const enum file_status early[] = {PENDING, UPLOADED, SYNCING, EXPIRED};
    struct file_record record = {.file_id = file_id, .kind = kind};
    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        record.status = early[i];
        expect(&record,
               "{\"task_id\":\"f1\",\"status\":\"processing\",\"asset_id\":null,\"duplicate\":null,\"error\":null}");
    }
}

static void a_complete_task_names_the_asset(void **state) {
    (void)state;
    char flaw[] = "DECODE_FAILED";
    struct file_record record = {.file_id = file_id, .kind = kind, .status = SYNCED, .error_code = flaw};
    expect(&record,
           "{\"task_id\":\"f1\",\"status\":\"complete\",\"asset_id\":\"f1\",\"duplicate\":false,\"error\":null}");
    record.duplicate_of = other_id;
    expect(&record,
           "{\"task_id\":\"f1\",\"status\":\"complete\",\"asset_id\":\"f0\",\"duplicate\":true,\"error\":null}");
}

static void a_failed_task_says_why(void **state) {
    (void)state;
    char code[] = "HASH_MISMATCH";
    char message[] = "the hash is another";
    struct file_record record = {
        .file_id = file_id, .kind = kind, .status = FAILED, .error_code = code, .error_message = message};
    expect(&record, "{\"task_id\":\"f1\",\"status\":\"failed\",\"asset_id\":null,\"duplicate\":null,"
                    "\"error\":{\"code\":\"HASH_MISMATCH\",\"message\":\"the hash is another\"}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_has_no_asset_until_it_is_complete),
        cmocka_unit_test(a_complete_task_names_the_asset),
        cmocka_unit_test(a_failed_task_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
