#include "api/media_json.h"
#include "tests/unit/api/exchange.h"

static struct file_record example(void) {
    return (struct file_record){
        .file_id = (char *)"01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
        .kind = (char *)"generated",
        .owner_id = (char *)"dev",
        .filename = (char *)"x_1.jpg",
        .status = SYNCED,
        .size = 5,
        .object_key = (char *)"generated/g/x_1.jpg",
        .generation_id = (char *)"g",
        .generation_index = 1,
        .variants = (char *)"[{\"name\": \"small\", \"object_key\": \"thumbnails/g_1/small.webp\","
                            " \"content_type\": \"image/webp\", \"width\": 240, \"height\": 160, \"size\": 77}]",
    };
}

static json_t *shown(const struct file_record *record) {
    struct exchange_api made = exchange_api_new();
    _cleanup_(buf_free) struct buf text = {0};
    media_json(made.api, record, 1795178096789, &text);
    exchange_api_free(&made);
    json_t *json = NULL;
    struct error error = {0};
    assert_true(json_parse(text.data, text.length, JSON_MAX_DEPTH, &json, &error));
    return json;
}

static void statuses_are_those_of_media(void **state) {
    (void)state;
    assert_string_equal(media_status_name(PENDING), "pending");
    assert_string_equal(media_status_name(UPLOADED), "pending");
    assert_string_equal(media_status_name(SYNCING), "pending");
    assert_string_equal(media_status_name(SYNCED), "uploaded");
    assert_string_equal(media_status_name(FAILED), "failed");
    assert_string_equal(media_status_name(EXPIRED), "failed");
}

static void a_generated_image_has_its_own_id(void **state) {
    (void)state;
    const struct file_record record = example();
    _cleanup_(json_freep) json_t *json = shown(&record);
    assert_string_equal(json_text(json, "media_id"), "g_1");
    assert_string_equal(json_text(json, "status"), "uploaded");
    assert_string_equal(json_text(json, "generation_id"), "g");
    assert_true(json_is_null(json_object_get(json, "album_id")));
    assert_non_null(json_object_get(json, "synced_at"));
}

static void variants_have_signed_urls(void **state) {
    (void)state;
    const struct file_record record = example();
    _cleanup_(json_freep) json_t *json = shown(&record);
    const json_t *variants = json_object_get(json, "variants");
    assert_int_equal(json_array_size(variants), 1);
    const json_t *small = json_array_get(variants, 0);
    assert_string_equal(json_text(small, "name"), "small");
    assert_non_null(strstr(json_text(small, "url"), "/bucket/thumbnails/g_1/small.webp?"));
    assert_non_null(strstr(json_text(small, "url"), "X-Amz-Signature="));
    assert_int_equal(json_integer_value(json_object_get(small, "width")), 240);
    assert_null(json_object_get(small, "object_key"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_those_of_media),
        cmocka_unit_test(a_generated_image_has_its_own_id),
        cmocka_unit_test(variants_have_signed_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
