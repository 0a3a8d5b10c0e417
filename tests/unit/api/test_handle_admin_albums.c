#include "tests/unit/api/exchange.h"

#define FIELDS                                                                                                         \
    { "Content-Type", "application/x-www-form-urlencoded" }

static struct exchange make(const char *body) {
    return (struct exchange){.method = "POST", .path = "/admin/albums", .body = body, .headers = {FIELDS}};
}

static void an_album_needs_a_title(void **state) {
    exchange_expect(*state, make("title="), 422, "VALIDATION_FAILED");
    exchange_expect(*state, make("other=x"), 422, "VALIDATION_FAILED");
    exchange_expect(*state, make("title=%ff"), 422, "VALIDATION_FAILED");
}

static void browsers_need_the_token_and_programs_do_not(void **state) {
    exchange_expect(*state, make("title=x"), 503, "DATABASE_UNAVAILABLE");
    struct exchange browser = make("title=x");
    browser.headers[1] = (struct http_header){"Origin", "http://127.0.0.1"};
    browser.headers[2] = (struct http_header){"Host", "127.0.0.1"};
    exchange_expect(*state, browser, 403, "CSRF_REFUSED");
}

static void a_name_that_leads_here_is_not_enough(void **state) {
    struct exchange rebound = {.method = "GET", .path = "/admin", .headers = {{"Host", "evil.example"}}};
    exchange_expect(*state, rebound, 403, "FORBIDDEN");
}

static void what_is_no_album_is_not_found(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/admin/albums/x"}, 404, "ALBUM_NOT_FOUND");
}

static void pages_check_their_query(void **state) {
    exchange_expect(*state, (struct exchange){.method = "GET", .path = "/admin", .query = "cursor=x"}, 422, "cursor");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_album_needs_a_title),
        cmocka_unit_test(browsers_need_the_token_and_programs_do_not),
        cmocka_unit_test(a_name_that_leads_here_is_not_enough),
        cmocka_unit_test(what_is_no_album_is_not_found),
        cmocka_unit_test(pages_check_their_query),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
