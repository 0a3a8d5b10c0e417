#include "api/batch_upload.h"
#include "tests/unit/api/exchange.h"

enum { MIB = 1 << 20 };

static void expect_reserved(struct api *api, int64_t body_bytes, int64_t reserved) {
    _cleanup_(batch_upload_free) struct batch_upload upload = {0};
    struct error err = {0};
    assert_true(batch_upload_start(api, "dev", body_bytes, &upload, &err));
    assert_int_equal(memory_budget_taken(api->asset_memory), reserved);
}

/* One photo at a time is in memory, however many there are. */
static void memory_is_reserved_for_one_photo(void **state) {
    struct api *api = *state;
    expect_reserved(api, 1000, 1000);
    expect_reserved(api, 50LL * api->config->media_max_bytes, 10 * MIB);
    expect_reserved(api, -1, 10 * MIB);
    assert_int_equal(memory_budget_taken(api->asset_memory), 0);
}

/* The album is asked for before the first byte of a photo; nothing is held afterwards. */
static void without_a_database_no_album_is_taken(void **state) {
    struct api *api = *state;
    _cleanup_(batch_upload_free) struct batch_upload upload = {0};
    const struct batch_form form = {.photos_max = 2, .album_id = "0190a000-0000-7000-8000-00000000000a"};
    struct error err = {0};
    assert_true(batch_upload_start(api, "dev", -1, &upload, &err));
    assert_false(batch_upload_open(&upload, &form, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_string_equal(upload.batch_id, "");
    assert_string_equal(upload.album_id, form.album_id);
    assert_false(upload.kept);
}

static void a_photo_that_is_wrong_is_named(void **state) {
    struct api *api = *state;
    struct request request = {0};
    _cleanup_(batch_upload_free) struct batch_upload upload = {
        .api = api, .request = &request, .max_bytes = 100, .extend_at_ms = INT64_MAX};
    _cleanup_(batch_form_free) struct batch_form form = {.photos_max = 2};
    struct error err = {0};
    buf_append_text(&form.filename, "a.jpg");
    assert_true(batch_upload_begin(&upload, &form, &err));
    assert_false(batch_upload_end(&upload, &form, &err));
    assert_int_equal(err.code, ERROR_EMPTY_OBJECT);
    assert_non_null(strstr(err.message, "a.jpg"));
    assert_int_equal(upload.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_reserved_for_one_photo),
        cmocka_unit_test(without_a_database_no_album_is_taken),
        cmocka_unit_test(a_photo_that_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
