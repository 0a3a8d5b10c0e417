#include "api/asset_commit.h"
#include "tests/unit/api/exchange.h"

static enum error_code commit_with(struct api *api, const char *idempotency_key, bool *ret_kept) {
    _cleanup_(asset_form_free) struct asset_form form = {0};
    _cleanup_(buf_free) struct buf json = {0};
    struct asset_upload upload = {.object = {.api = api, .size = 3}};
    const struct http_header header = {"Idempotency-Key", idempotency_key};
    const struct request request = {.headers = &header, .header_count = idempotency_key == NULL ? 0 : 1};
    struct error error = {0};
    bool replayed = false;
    buf_append_text(&form.filename, "a.png");
    buf_append_text(&upload.object.key, "staging/x/a.png");
    assert_false(asset_commit(api, &request, &form, &upload, &json, &replayed, &error));
    assert_int_equal(json.length, 0);
    *ret_kept = upload.object.kept;
    buf_free(&upload.object.key);
    return error.code;
}

/* The object may go then. */
static void without_a_database_nothing_is_committed(void **state) {
    bool kept = true;
    assert_int_equal(commit_with(*state, NULL, &kept), ERROR_DATABASE_UNAVAILABLE);
    assert_false(kept);
    assert_int_equal(commit_with(*state, "a-key", &kept), ERROR_DATABASE_UNAVAILABLE);
    assert_false(kept);
}

static void a_key_that_is_none_is_refused(void **state) {
    bool kept = true;
    assert_int_equal(commit_with(*state, "two words", &kept), ERROR_VALIDATION_FAILED);
    assert_false(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_database_nothing_is_committed),
        cmocka_unit_test(a_key_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
