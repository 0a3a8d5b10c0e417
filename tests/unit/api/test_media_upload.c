#include "api/media_upload.h"
#include "tests/unit/api/exchange.h"

static void the_smaller_limit_counts(void **state) {
    (void)state;
    const struct config small_files = {.media_max_bytes = 5, .max_upload_bytes = 3};
    const struct config small_media = {.media_max_bytes = 5, .max_upload_bytes = 9};
    assert_int_equal(media_upload_max_bytes(&small_files), 3);
    assert_int_equal(media_upload_max_bytes(&small_media), 5);
}

static void a_ticket_is_that_of_media(void **state) {
    const struct file_record record = {.file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                       .kind = (char *)"generated",
                                       .object_key = (char *)"generated/g/x_2.jpg",
                                       .generation_id = (char *)"g",
                                       .generation_index = 2,
                                       .content_type = (char *)"image/jpeg",
                                       .expected_size = 7,
                                       .status = PENDING};
    _cleanup_(buf_free) struct buf text = {0};
    media_upload_ticket(*state, &record, &text);
    json_t *json = NULL;
    struct error err = {0};
    assert_true(json_parse(text.data, text.length, JSON_MAX_DEPTH, &json, &err));
    assert_string_equal(json_text(json, "media_id"), "g_2");
    assert_string_equal(json_text(json, "status"), "pending");
    assert_string_equal(json_text(json, "method"), "PUT");
    assert_null(json_object_get(json, "form_fields"));
    assert_string_equal(json_text(json_object_get(json, "headers"), "If-None-Match"), "*");
    assert_string_equal(json_text(json_object_get(json, "headers"), "Content-Length"), "7");
    json_decref(json);
}

/* Nobody gets a URL whose record is not committed. */
static void without_a_database_nothing_is_signed(void **state) {
    bool is_replayed = false;
    const struct upload_request upload = {.filename = "a.png", .content_type = "image/png", .size = -1};
    _cleanup_(buf_free) struct buf text = {0};
    struct error err = {0};
    const struct principal principal = {.owner_id = "dev"};
    const struct media_wish wish = {
        .home = {MEDIA_AVATAR, "u", "dev"}, .upload = &upload, .count = 1, .principal = &principal};
    assert_false(media_upload_make(*state, &wish, &text, &is_replayed, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_int_equal(text.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smaller_limit_counts),
        cmocka_unit_test(a_ticket_is_that_of_media),
        cmocka_unit_test(without_a_database_nothing_is_signed),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
