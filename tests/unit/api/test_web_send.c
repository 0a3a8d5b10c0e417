#include "api/web_send.h"
#include "tests/unit/api/exchange.h"

static void what_is_not_there_is_not_found(void **state) {
    (void)state;
    const struct web_asset *asset = NULL;
    struct error err = {0};
    assert_false(web_asset_find("no such page", &asset, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void every_page_is_found(void **state) {
    (void)state;
    for (const struct web_asset *page = web_assets; page->path != NULL; page++) {
        const struct web_asset *asset = NULL;
        struct error err = {0};
        assert_true(web_asset_find(page->path, &asset, &err));
        assert_ptr_equal(asset, page);
    }
}

static void a_document_goes_with_its_policy_and_tag(void **state) {
    const struct exchange get = {.method = "GET", .path = "/openapi.json"};
    exchange_expect(*state, get, 200, "Content-Security-Policy: default-src 'none'; sandbox\r\n");
    exchange_expect(*state, get, 200, "Cache-Control: no-cache\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(every_page_is_found),
        cmocka_unit_test(a_document_goes_with_its_policy_and_tag),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
