#include "tests/unit/api/exchange.h"

#define ALBUM "/albums/01a1f94e-2f62-7be1-aa0a-b163f5cce02f"

static struct exchange upload(const char *body) {
    return (struct exchange){.method = "POST", .path = ALBUM "/media/upload", .body = body};
}

static void what_is_no_id_is_no_album(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/albums/x"}, 404, "ALBUM_NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "DELETE", .path = "/albums/x"}, 404, "ALBUM_NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/albums/%2e%2e/media"}, 404, "ALBUM_NOT_FOUND");
}

static void an_album_needs_a_title(void **state) {
    exchange_expect(*state, (struct exchange){.method = "POST", .path = "/albums", .body = "{}"}, 422, "title");
}

static void only_pictures_are_taken(void **state) {
    exchange_expect(*state, upload("{\"filename\":\"a.pdf\",\"content_type\":\"application/pdf\"}"), 415,
                    "UNSUPPORTED_TYPE");
    exchange_expect(*state, upload("{\"filename\":\"a.svg\",\"mime_type\":\"image/svg+xml\"}"), 415,
                    "UNSUPPORTED_TYPE");
    exchange_expect(*state, upload("{\"filename\":\"noname\"}"), 415, "UNSUPPORTED_TYPE");
}

static void only_so_large_ones(void **state) {
    exchange_expect(*state, upload("{\"filename\":\"a.jpg\",\"size\":268435457}"), 413, "FILE_TOO_LARGE");
}

static void names_are_checked(void **state) {
    exchange_expect(*state, upload("{\"filename\":\"a\\r\\nb.jpg\"}"), 422, "filename");
    exchange_expect(*state, upload("{\"filename\":\"..\",\"content_type\":\"image/png\"}"), 422, "filename");
}

static void a_good_one_needs_the_database(void **state) {
    exchange_expect(*state, upload("{\"filename\":\"a.jpg\",\"mime_type\":\"image/jpeg\",\"size\":5}"), 503,
                    "DATABASE_UNAVAILABLE");
}

static void lists_check_their_query(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/albums", .query = "limit=0"}, 422, "limit");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = ALBUM "/media", .query = "cursor=x"}, 422,
                    "cursor");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_id_is_no_album), cmocka_unit_test(an_album_needs_a_title),
        cmocka_unit_test(only_pictures_are_taken),   cmocka_unit_test(only_so_large_ones),
        cmocka_unit_test(names_are_checked),         cmocka_unit_test(a_good_one_needs_the_database),
        cmocka_unit_test(lists_check_their_query),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
