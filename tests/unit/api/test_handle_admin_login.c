#include "api/handlers.h"
#include "api/web_assets.h"
#include "tests/unit/api/exchange.h"

#define FIELDS                                                                                                         \
    { "Content-Type", "application/x-www-form-urlencoded" }
#define HTML                                                                                                           \
    { "Accept", "text/html" }

static struct exchange log_in(const char *body) {
    return (struct exchange){.method = "POST", .path = "/admin/login", .body = body, .headers = {FIELDS, HTML}};
}

static void pages_lead_to_the_login(void **state) {
    struct exchange page = {.method = "GET", .path = "/admin/operations", .query = "a=b", .headers = {HTML}};
    exchange_expect(*state, page, 303, "Location: /admin/login?next=/admin/operations%3Fa%3Db\r\n");
    page.path = "/admin";
    page.query = "";
    exchange_expect(*state, page, 303, "Location: /admin/login\r\n");
    page.headers[0] = (struct http_header){"HX-Request", "true"};
    exchange_expect(*state, page, 401, "HX-Redirect: /admin/login\r\n");
    page.headers[0] = (struct http_header){"Accept", "application/json"};
    exchange_expect(*state, page, 401, "\"code\":\"UNAUTHORIZED\"");
}

static void the_form_keeps_where_to_go(void **state) {
    struct exchange form = {.method = "GET", .path = "/admin/login", .query = "next=/admin/operations"};
    exchange_expect(*state, form, 200, "name=\"next\" value=\"/admin/operations\"");
    form.query = "next=//evil.example";
    exchange_expect(*state, form, 200, "name=\"next\" value=\"/admin\"");
    form.query = "next=/admin%22%3E%3Cscript%3E";
    exchange_expect(*state, form, 200, "name=\"next\" value=\"/admin\"");
}

static void what_is_no_key_is_refused(void **state) {
    exchange_expect(*state, log_in("key=sluice_wrong"), 401, "This is no key of this server");
    exchange_expect(*state, log_in(""), 401, "This is no key of this server");
    struct exchange program = log_in("key=x");
    program.headers[1] = (struct http_header){NULL, NULL};
    exchange_expect(*state, program, 401, "\"code\":\"UNAUTHORIZED\"");
}

static void other_sites_do_not_log_anybody_in(void **state) {
    struct exchange foreign = log_in("key=x");
    foreign.headers[2] = (struct http_header){"Sec-Fetch-Site", "cross-site"};
    exchange_expect(*state, foreign, 403, "CSRF_REFUSED");
}

static void after_some_failures_one_has_to_wait(void **state) {
    for (int i = 0; i < 20; i++) {
        struct exchange try = log_in("key=x");
        exchange_run(*state, &try);
        exchange_free(&try);
    }
    exchange_expect(*state, log_in("key=x"), 429, "Retry-After: ");
}

static void a_body_of_another_kind_is_refused(void **state) {
    struct exchange wrong = log_in("key=x");
    wrong.headers[0].value = "text/plain";
    exchange_expect(*state, wrong, 415, "UNSUPPORTED_MEDIA_TYPE");
}

static int start(void **state) {
    setenv("SLUICE_AUTH", "required", 1);
    return exchange_start(state);
}

int main(void) {
    if (web_assets[0].path == NULL) {
        print_message("built without npm, and so without pages\n");
        return 77; /* skipped */
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_lead_to_the_login),           cmocka_unit_test(the_form_keeps_where_to_go),
        cmocka_unit_test(what_is_no_key_is_refused),         cmocka_unit_test(other_sites_do_not_log_anybody_in),
        cmocka_unit_test(a_body_of_another_kind_is_refused), cmocka_unit_test(after_some_failures_one_has_to_wait),
    };
    return cmocka_run_group_tests(tests, start, exchange_stop);
}
