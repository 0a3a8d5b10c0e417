#include "api/asset_upload.h"
#include "tests/unit/api/exchange.h"

enum { MIB = 1 << 20 };

/* What is reserved for a body, given back at the end. */
static void expect_reserved(struct api *api, int64_t body_bytes, int64_t reserved) {
    _cleanup_(asset_upload_free) struct asset_upload upload = {0};
    struct error error = {0};
    assert_true(asset_upload_start(api, body_bytes, &upload, &error));
    assert_int_equal(memory_budget_taken(api->asset_memory), reserved);
}

static void memory_is_reserved_by_what_may_come(void **state) {
    struct api *api = *state;
    expect_reserved(api, 1000, 1000);
    expect_reserved(api, 5 * MIB, 5 * MIB);
    expect_reserved(api, 5 * MIB + 1, 10 * MIB);
    expect_reserved(api, -1, 10 * MIB);
    expect_reserved(api, api->config->max_upload_bytes, 10 * MIB);
    assert_int_equal(memory_budget_taken(api->asset_memory), 0);
}

static void what_is_too_large_is_refused_at_once(void **state) {
    struct api *api = *state;
    _cleanup_(asset_upload_free) struct asset_upload upload = {0};
    struct error error = {0};
    assert_false(asset_upload_start(api, api->config->max_upload_bytes + MIB, &upload, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
    assert_false(asset_upload_start(api, INT64_MAX, &upload, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE);
}

static void who_finds_no_memory_is_turned_away(void **state) {
    struct api *api = *state;
    struct error error = {0};
    struct asset_upload uploads[64] = {0};
    size_t started = 0;
    while (started < 64 && asset_upload_start(api, -1, &uploads[started], &error)) {
        started++;
    }
    assert_int_equal(error.code, ERROR_OVERLOADED);
    assert_int_equal(started, api->config->asset_memory_bytes / (10 * MIB));
    for (size_t i = 0; i <= started; i++) {
        asset_upload_free(&uploads[i]);
    }
    assert_int_equal(memory_budget_taken(api->asset_memory), 0);
}

/* Starts one and gives it a file of that content; what it says at the end. */
static enum error_code upload_of(struct api *api, const char *content, const char *sha256) {
    _cleanup_(asset_upload_free) struct asset_upload upload = {0};
    _cleanup_(asset_form_free) struct asset_form form = {0};
    struct error error = {0};
    buf_append_text(&form.filename, "a b.png");
    snprintf(form.sha256, sizeof form.sha256, "%s", sha256);
    assert_true(asset_upload_start(api, -1, &upload, &error));
    assert_true(asset_upload_begin(&upload, &form, &error));
    assert_true(strncmp(buf_text(&upload.object.key), "staging/", 8) == 0);
    assert_string_equal(buf_text(&upload.object.key) + 8 + ID_TEXT_SIZE - 1, "/a_b.png");
    assert_true(asset_upload_write(&upload, content, strlen(content), &error));
    assert_false(asset_upload_finish(&upload, &form, &error));
    return error.code;
}

static void what_is_wrong_with_the_content_is_found_before_the_store_is_asked(void **state) {
    static const char other[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static const char right[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_int_equal(upload_of(*state, "", ""), ERROR_EMPTY_OBJECT);
    assert_int_equal(upload_of(*state, "abc", other), ERROR_HASH_MISMATCH);
    assert_int_equal(upload_of(*state, "abc", right), ERROR_STORE_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_reserved_by_what_may_come),
        cmocka_unit_test(what_is_too_large_is_refused_at_once),
        cmocka_unit_test(who_finds_no_memory_is_turned_away),
        cmocka_unit_test(what_is_wrong_with_the_content_is_found_before_the_store_is_asked),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
