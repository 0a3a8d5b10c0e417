#include "common/asset_search.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* `words`: what no other statement of them has. */
static void expect(const struct asset_search *search, const char *words) {
    static const char *const answers[] = {FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    _cleanup_(assets_free) struct assets assets = {0};
    assert_true(asset_search(db, "owner", search, &assets, &err));
    assert_int_equal(assets.count, 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, words));
}

static void what_narrows_most_chooses_the_statement(void **state) {
    (void)state;
    float numbers[] = {1};
    const struct embedding embedding = {numbers, 1};
    expect(&(struct asset_search){.limit = 1}, "to_timestamp($6 / 1000.0)) AND ($4::text");
    expect(&(struct asset_search){.limit = 1, .taken_before_ms = 1}, "coalesce(to_timestamp($5");
    expect(&(struct asset_search){.limit = 1, .taken_after_ms = 1, .sha256 = HASH}, "AND f.sha256 = $7 AND ($4");
    expect(&(struct asset_search){.limit = 1, .tag = "cat", .sha256 = HASH}, "FROM file_tags t JOIN");
    expect(&(struct asset_search){.limit = 1, .tag = "cat", .embedding = &embedding, .model = "m"},
           "sluice_similarity(");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_narrows_most_chooses_the_statement)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
