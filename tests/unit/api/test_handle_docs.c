#include "api/openapi_asset.h"
#include "common/json.h"
#include "tests/unit/api/exchange.h"

static void the_document_is_json_of_its_version(void **state) {
    _cleanup_(json_freep) json_t *document = NULL;
    struct error err = {0};
    assert_true(json_parse((const char *)openapi_asset.bytes, openapi_asset.length, 60, &document, &err));
    assert_non_null(strstr(json_text(document, "openapi"), "3.1."));
    const struct exchange get = {.method = "GET", .path = "/openapi.json"};
    exchange_expect(*state, get, 200, "Content-Type: application/json\r\n");
    exchange_expect(*state, get, 200, "\"presignUpload\"");
}

static void the_document_is_not_sent_again(void **state) {
    const struct exchange known = {
        .method = "GET", .path = "/openapi.json", .headers = {{"If-None-Match", openapi_asset.etag}}};
    exchange_expect(*state, known, 304, openapi_asset.etag);
}

static void the_page_may_load_nothing_from_elsewhere(void **state) {
    if (web_assets[0].path == NULL) {
        print_message("built without npm, and so without pages\n");
        skip();
    }
    const struct exchange page = {.method = "GET", .path = "/docs"};
    exchange_expect(*state, page, 200, "<!doctype html>");
    exchange_expect(*state, page, 200, "default-src 'none'; script-src 'self'; style-src 'self';");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/docs/docs.js"}, 200, "text/javascript");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/docs/docs.css"}, 200, "text/css");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/docs/none.js"}, 404, "NOT_FOUND");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_json_of_its_version),
        cmocka_unit_test(the_document_is_not_sent_again),
        cmocka_unit_test(the_page_may_load_nothing_from_elsewhere),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
