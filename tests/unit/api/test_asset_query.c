#include "api/asset_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HASH "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"

static bool read_query(const char *text, struct asset_query *query) {
    struct error err = {0};
    struct request request = {.query = text};
    bool is_read = asset_query_read(&request, query, &err);
    assert_true(is_read == json_reader_ok(&request.reader));
    request_free(&request);
    assert_true(is_read || err.code == ERROR_VALIDATION_FAILED);
    return is_read;
}

static void without_a_query_all_are_listed(void **state) {
    (void)state;
    _cleanup_(asset_query_free) struct asset_query query = {0};
    assert_true(read_query("", &query));
    const struct asset_search search = asset_query_search(&query, "model");
    assert_null(search.tag);
    assert_null(search.sha256);
    assert_null(search.embedding);
    assert_int_equal(search.taken_after_ms, 0);
    assert_int_equal(search.limit, 51);
}

static void all_that_is_asked_for_is_searched(void **state) {
    (void)state;
    _cleanup_(asset_query_free) struct asset_query query = {0};
    assert_true(read_query("tag=two+words&hash=" HASH
                           "&taken_after=1970-01-01T00:00:01Z&taken_before=1970-01-02T01:00:00%2B01:00&limit=3",
                           &query));
    const struct asset_search search = asset_query_search(&query, "model");
    assert_string_equal(search.tag, "two words");
    assert_memory_equal(search.sha256, "e3b0c442", 8);
    assert_int_equal(search.taken_after_ms, 1000);
    assert_int_equal(search.taken_before_ms, 86400000);
    assert_int_equal(search.limit, 4);
}

static void what_a_text_finds_has_one_page(void **state) {
    (void)state;
    _cleanup_(asset_query_free) struct asset_query query = {0};
    assert_true(read_query("q=a+cat&limit=3", &query));
    assert_int_equal(asset_query_search(&query, "model").limit, 3);
    asset_query_free(&query);
    assert_false(read_query("q=a+cat&cursor=a01a1f94e2f627be1aa0ab163f5cce02f", &query));
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"tag=", "q=", "hash=12", "taken_after=2024", "taken_before=x", "limit=0"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        _cleanup_(asset_query_free) struct asset_query query = {0};
        assert_false(read_query(wrong[i], &query));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_query_all_are_listed),
        cmocka_unit_test(all_that_is_asked_for_is_searched),
        cmocka_unit_test(what_a_text_finds_has_one_page),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
