#include "api/web_assets.h"
#include "tests/unit/api/exchange.h"

static void the_page_may_load_only_what_it_needs(void **state) {
    const struct exchange page = {.method = "GET", .path = "/demo"};
    exchange_expect(*state, page, 200, "<!doctype html>");
    exchange_expect(*state, page, 200, "default-src 'none'; script-src 'self'; style-src 'self';");
    exchange_expect(*state, page, 200, "connect-src 'self' http://127.0.0.1:1\r\n");
}

static void its_parts_have_their_types(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/demo/demo.js"}, 200, "text/javascript");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/demo/demo.css"}, 200, "text/css");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/demo/none.js"}, 404, "NOT_FOUND");
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/demo/%2e%2e"}, 404, "NOT_FOUND");
}

static void what_the_browser_has_is_not_sent_again(void **state) {
    const struct exchange known = {
        .method = "GET", .path = "/demo", .headers = {{"If-None-Match", web_assets[0].etag}}};
    exchange_expect(*state, known, 304, web_assets[0].etag);
}

int main(void) {
    if (web_assets[0].path == NULL) {
        print_message("built without npm, and so without pages\n");
        return 77; /* skipped */
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_may_load_only_what_it_needs),
        cmocka_unit_test(its_parts_have_their_types),
        cmocka_unit_test(what_the_browser_has_is_not_sent_again),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
