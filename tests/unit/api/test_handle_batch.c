#include "tests/unit/api/exchange.h"

#define ID "0190a000-0000-7000-8000-00000000000a"
#define ALBUM "--b\r\nContent-Disposition: form-data; name=\"album_id\"\r\n\r\n" ID "\r\n"
#define PHOTO "--b\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\ncontent\r\n"

static struct exchange of_type(const char *path, const char *content_type, const char *body) {
    return (struct exchange){.method = "POST", .path = path, .body = body, .headers = {{"Content-Type", content_type}}};
}

static struct exchange with_form(const char *body) {
    return of_type("/admin/upload", "multipart/form-data; boundary=b", body);
}

static void what_is_wrong_with_the_form_is_said(void **state) {
    exchange_expect(*state, of_type("/admin/upload", "application/json", "{}"), 415, "multipart/form-data");
    exchange_expect(*state, with_form(ALBUM "--b--"), 422, "\"field\":\"photos\"");
    exchange_expect(*state, with_form(ALBUM), 400, "closing boundary");
    struct api *api = *state;
    assert_int_equal(memory_budget_taken(api->asset_memory), 0);
}

static void the_album_is_looked_for_before_a_photo_is_stored(void **state) {
    exchange_expect(*state, with_form(ALBUM PHOTO "--b--"), 503, "DATABASE_UNAVAILABLE");
}

static void what_is_no_album_is_not_found(void **state) {
    static const char form[] = "application/x-www-form-urlencoded";
    const struct exchange status = {.method = "GET", .path = "/admin/upload/status", .query = "album_id=x"};
    exchange_expect(*state, status, 404, "ALBUM_NOT_FOUND");
    exchange_expect(*state, of_type("/admin/upload/clear-errors", form, "album_id=x"), 404, "ALBUM_NOT_FOUND");
    exchange_expect(*state, of_type("/admin/upload/retry-errors", form, "x=y"), 404, "ALBUM_NOT_FOUND");
}

static void a_database_that_is_down_is_said(void **state) {
    static const char form[] = "application/x-www-form-urlencoded";
    const struct exchange status = {.method = "GET", .path = "/admin/upload/status", .query = "album_id=" ID};
    exchange_expect(*state, status, 503, "Retry-After");
    exchange_expect(*state, of_type("/admin/upload/clear-errors", form, "album_id=" ID), 503, "Retry-After");
    exchange_expect(*state, of_type("/admin/upload/retry-errors", form, "album_id=" ID), 503, "Retry-After");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_the_form_is_said),
        cmocka_unit_test(the_album_is_looked_for_before_a_photo_is_stored),
        cmocka_unit_test(what_is_no_album_is_not_found),
        cmocka_unit_test(a_database_that_is_down_is_said),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
