#include "api/admin_albums.h"

#include "tests/unit/api/exchange.h"
#include "tests/unit/common/made_rows.h"

#define VARIANTS                                                                                                       \
    "[{\"name\":\"small\",\"object_key\":\"thumbnails/f/small.webp\",\"width\":240,\"height\":180},"                   \
    "{\"name\":\"medium\",\"object_key\":\"thumbnails/f/medium.webp\",\"width\":360,\"height\":480},"                  \
    "{\"name\":\"large\",\"object_key\":\"thumbnails/f/large.webp\",\"width\":720,\"height\":960}]"

static void expect(const json_t *values, const char *name, const char *part) {
    const char *text = json_text(values, name);
    if (text == NULL || strstr(text, part) == NULL) {
        fail_msg("%s is %s", name, text == NULL ? "no text" : text);
    }
}

static struct file_record record_of(enum file_status status) {
    return (struct file_record){.filename = (char *)"a \"1\".jpg",
                                .status = status,
                                .size = 2048,
                                .width = 3000,
                                .height = 4000,
                                .error_code = (char *)"DECODE_FAILED",
                                .error_message = (char *)"no JPEG",
                                .variants = (char *)VARIANTS};
}

static void a_photo_shows_a_variant_and_leads_to_the_largest(void **state) {
    const struct file_record record = record_of(SYNCED);
    const struct admin_pictures pictures = admin_pictures_now(*state);
    _cleanup_(json_freep) json_t *values = admin_photo_values(&pictures, &record);
    expect(values, "thumbnail", "http://127.0.0.1:1/bucket/thumbnails/f/medium.webp?");
    expect(values, "url", "/bucket/thumbnails/f/large.webp?");
    expect(values, "url", "response-content-disposition=inline");
    expect(values, "state", "3000 × 4000, 2.0 KiB");
    assert_int_equal(json_integer_value(json_object_get(values, "height")), 480);
    assert_true(json_is_false(json_object_get(values, "is_failed")));
}

static void a_photo_that_is_not_ready_says_why(void **state) {
    static const struct {
        enum file_status status;
        const char *text;
        bool is_failed;
    } cases[] = {{PENDING, "Not uploaded yet", false},
                 {UPLOADED, "In work", false},
                 {SYNCING, "In work", false},
                 {FAILED, "no JPEG", true},
                 {EXPIRED, "Never uploaded", true}};
    const struct admin_pictures pictures = admin_pictures_now(*state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct file_record record = record_of(cases[i].status);
        record.variants = NULL;
        _cleanup_(json_freep) json_t *values = admin_photo_values(&pictures, &record);
        expect(values, "state", cases[i].text);
        assert_int_equal(json_is_true(json_object_get(values, "is_failed")), cases[i].is_failed);
        assert_true(json_is_null(json_object_get(values, "thumbnail")));
    }
}

static void an_album_tells_how_it_stands(void **state) {
    static const char *const rows[][MADE_COLUMNS_MAX] = {
        {"a1", " ", "2026-11-27T21:55:03.123Z", "10000", "0", "2", "thumbnails/f/small.webp"},
        {"a2", "Holiday", "2026-11-27T21:55:03.123Z", "1", "1", "0", NULL}};
    const struct admin_pictures pictures = admin_pictures_now(*state);
    _cleanup_(db_result_freep) struct db_result *result = made_rows(rows, 2, 7);
    _cleanup_(json_freep) json_t *full = admin_album_values(&pictures, result, 0);
    expect(full, "title", "(no title)");
    expect(full, "photos", "9999+ photos");
    expect(full, "failed", "2");
    expect(full, "cover", "/bucket/thumbnails/f/small.webp?");
    assert_true(json_is_null(json_object_get(full, "pending")));
    _cleanup_(json_freep) json_t *small = admin_album_values(&pictures, result, 1);
    assert_string_equal(json_text(small, "photos"), "1 photo");
    assert_true(json_is_null(json_object_get(small, "cover")));
    assert_true(json_is_null(json_object_get(small, "failed")));
}

static void faults_of_ours_are_not_told_in_detail(void **state) {
    (void)state;
    assert_string_equal(admin_reason("DECODE_FAILED", "no JPEG"), "no JPEG");
    assert_string_equal(admin_reason("DECODE_FAILED", NULL), "The picture cannot be decoded");
    assert_string_equal(admin_reason("DATABASE_ERROR", "secret"), "The database refused a statement");
    assert_string_equal(admin_reason(NULL, NULL), "Internal error");
}

static void a_list_leads_on_and_back(void **state) {
    (void)state;
    struct page page = {.limit = 50};
    _cleanup_(json_freep) json_t *alone = json_object();
    admin_pager(alone, "/admin", &page, NULL);
    assert_null(json_object_get(alone, "pager"));
    _cleanup_(json_freep) json_t *first = json_object();
    admin_pager(first, "/admin", &page, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f");
    expect(json_object_get(first, "pager"), "next_url", "/admin?limit=50&cursor=");
    snprintf(page.before_id, sizeof page.before_id, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f");
    _cleanup_(json_freep) json_t *last = json_object();
    admin_pager(last, "/admin", &page, NULL);
    expect(json_object_get(last, "pager"), "first_url", "/admin");
    assert_true(json_is_true(json_object_get(last, "is_later")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_shows_a_variant_and_leads_to_the_largest),
        cmocka_unit_test(a_photo_that_is_not_ready_says_why),
        cmocka_unit_test(an_album_tells_how_it_stands),
        cmocka_unit_test(faults_of_ours_are_not_told_in_detail),
        cmocka_unit_test(a_list_leads_on_and_back),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
