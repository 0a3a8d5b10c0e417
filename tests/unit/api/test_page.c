#include "api/cursor.h"
#include "api/page.h"
#include "tests/unit/api/exchange.h"

static const char id[] = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f";

static bool read_query(const char *query, struct page *page) {
    struct error err = {0};
    struct request request = {.query = query};
    bool read = page_read(&request, page, &err);
    assert_true(read == json_reader_ok(&request.reader));
    request_free(&request);
    assert_true(read || err.code == ERROR_VALIDATION_FAILED);
    return read;
}

static void without_a_query_it_is_the_first_page(void **state) {
    (void)state;
    struct page page;
    assert_true(read_query("", &page));
    assert_null(page_before(&page));
    assert_int_equal(page_rows(&page), 51);
}

static void limit_and_cursor_are_taken(void **state) {
    (void)state;
    struct page page;
    char query[64];
    char cursor[CURSOR_SIZE];
    cursor_make(id, cursor);
    snprintf(query, sizeof query, "limit=200&cursor=%s", cursor);
    assert_true(read_query(query, &page));
    assert_string_equal(page_before(&page), id);
    assert_int_equal(page_rows(&page), 201);
}

static void what_is_no_page_is_refused(void **state) {
    (void)state;
    struct page page;
    assert_false(read_query("limit=0", &page));
    assert_false(read_query("limit=201", &page));
    assert_false(read_query("limit=x", &page));
    assert_false(read_query("cursor=", &page));
    assert_false(read_query("cursor=01a1f94e-2f62-7be1-aa0a-b163f5cce02f", &page));
}

static void the_row_beyond_the_page_is_not_shown(void **state) {
    (void)state;
    struct page page;
    assert_true(read_query("limit=2", &page));
    assert_int_equal(page_shown(&page, 0), 0);
    assert_int_equal(page_shown(&page, 2), 2);
    assert_int_equal(page_shown(&page, page_rows(&page)), 2);
}

static void expect_end(const char *last_id, const char *expected) {
    struct exchange exchange = {0};
    struct request request = {.method = "GET", .raw_path = "/", .query = "", .id = "rid"};
    request.stream = (struct http_stream){.context = &exchange, .read = exchange_read, .write = exchange_write};
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "items", '[');
    page_end(&request, &writer, last_id);
    assert_int_equal(request.response.status, 200);
    assert_string_equal(buf_text(&json), expected);
    assert_non_null(strstr(buf_text(&exchange.sent), expected));
    request_free(&request);
    buf_free(&exchange.sent);
}

static void a_list_ends_with_the_next_cursor(void **state) {
    (void)state;
    expect_end(NULL, "{\"items\":[],\"next_cursor\":null}");
    expect_end(id, "{\"items\":[],\"next_cursor\":\"a01a1f94e2f627be1aa0ab163f5cce02f\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_query_it_is_the_first_page), cmocka_unit_test(limit_and_cursor_are_taken),
        cmocka_unit_test(what_is_no_page_is_refused),           cmocka_unit_test(the_row_beyond_the_page_is_not_shown),
        cmocka_unit_test(a_list_ends_with_the_next_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
