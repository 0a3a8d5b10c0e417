#include "api/file_json.h"
#include "tests/unit/api/exchange.h"

static struct file_record example(void) {
    return (struct file_record){
        .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
        .kind = (char *)"file",
        .owner_id = (char *)"dev",
        .filename = (char *)"ä.txt",
        .status = SYNCED,
        .expected_size = -1,
        .size = 5,
        .sha256 = (char *)"ab",
        .object_key = (char *)"files/x/a.txt",
        .metadata = (char *)"{\"a\": 1}",
        .created_at = (char *)"2026-11-20T12:34:56.789Z",
    };
}

static json_t *shown(const struct file_record *record) {
    struct exchange_api made = exchange_api_new();
    _cleanup_(buf_free) struct buf text = {0};
    file_json(made.api, record, 1795178096789, &text);
    exchange_api_free(&made);
    json_t *json = NULL;
    struct error error = {0};
    assert_true(json_parse(text.data, text.length, JSON_MAX_DEPTH, &json, &error));
    return json;
}

static void every_member_of_the_contract_is_there(void **state) {
    (void)state;
    static const char *const names[] = {
        "file_id",       "kind",       "status",      "filename",   "external_id",  "owner_id",    "content_type",
        "detected_type", "size",       "sha256",      "object_key", "download_url", "content_url", "duplicate_of",
        "width",         "height",     "thumbhash",   "metadata",   "tags",         "variants",    "error",
        "attempts",      "created_at", "uploaded_at", "synced_at",  "expires_at"};
    const struct file_record record = example();
    _cleanup_(json_freep) json_t *json = shown(&record);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_non_null(json_object_get(json, names[i]));
    }
    assert_int_equal(json_object_size(json), sizeof names / sizeof names[0]);
    assert_string_equal(json_text(json, "status"), "SYNCED");
    assert_string_equal(json_text(json, "content_url"), "/files/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/content");
    assert_non_null(strstr(json_text(json, "download_url"), "response-content-disposition="));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "metadata"), "a")), 1);
    assert_true(json_is_null(json_object_get(json, "width")));
    assert_true(json_is_null(json_object_get(json, "error")));
}

static void without_an_object_there_are_no_urls(void **state) {
    (void)state;
    struct file_record record = example();
    record.status = PENDING;
    record.size = -1;
    record.expected_size = 7;
    _cleanup_(json_freep) json_t *json = shown(&record);
    assert_true(json_is_null(json_object_get(json, "download_url")));
    assert_true(json_is_null(json_object_get(json, "content_url")));
    assert_int_equal(json_integer_value(json_object_get(json, "size")), 7);
}

static void a_failure_says_why(void **state) {
    (void)state;
    struct file_record record = example();
    record.status = FAILED;
    record.error_code = (char *)"HASH_MISMATCH";
    record.error_message = (char *)"another hash";
    _cleanup_(json_freep) json_t *json = shown(&record);
    const json_t *error = json_object_get(json, "error");
    assert_string_equal(json_text(error, "code"), "HASH_MISMATCH");
    assert_string_equal(json_text(error, "message"), "another hash");
    record.error_code = (char *)"OBJECT_GONE";
    assert_false(file_json_has_object(&record));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_the_contract_is_there),
        cmocka_unit_test(without_an_object_there_are_no_urls),
        cmocka_unit_test(a_failure_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
