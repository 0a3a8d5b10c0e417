#include "api/admin_page.h"

#include "api/web_assets.h"
#include "tests/unit/api/exchange.h"

#define HTML                                                                                                           \
    { "Accept", "text/html,application/xhtml+xml" }

static void next_leads_to_an_admin_page_only(void **state) {
    (void)state;
    static const char *const good[] = {"/admin", "/admin/", "/admin/operations", "/admin/albums/x?limit=1&cursor=y",
                                       "/admin?cursor=%2B"};
    static const char *const wrong[] = {"",
                                        "/",
                                        "//evil.example",
                                        "/\\evil.example",
                                        "https://evil.example",
                                        "/admin//evil.example",
                                        "/administer",
                                        "/admin/../x",
                                        "/admin\\x",
                                        "/admin/\r\nX: y",
                                        "javascript:alert(1)",
                                        "admin",
                                        "/admin/@x",
                                        "/admin/#x",
                                        "/admin/<x>",
                                        " /admin",
                                        "/admin/\xC3\xB6"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(admin_page_is_next(good[i]));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(admin_page_is_next(wrong[i]));
    }
}

static void paths_are_known_by_their_first_segment(void **state) {
    (void)state;
    static const struct {
        const char *path;
        bool is_admin;
    } cases[] = {{"/admin", true},       {"/admin/x/y", true},    {"/%61dmin", true},   {"/", false},
                 {"/administer", false}, {"/files/admin", false}, {"/admin%2Fx", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(request_path_free) struct request_path path = {0};
        struct error error = {0};
        assert_true(request_path_parse(cases[i].path, &path, &error));
        assert_int_equal(admin_page_is_of(&path), cases[i].is_admin);
    }
}

static void programs_get_problems_and_people_pages(void **state) {
    struct exchange exchange = {.method = "GET", .path = "/admin/nope"};
    exchange_expect(*state, exchange, 404, "application/problem+json");
    exchange.headers[0] = (struct http_header)HTML;
    exchange_expect(*state, exchange, 404, "Content-Type: text/html; charset=utf-8");
    exchange_expect(*state, exchange, 404, "NOT_FOUND, request ");
    exchange.headers[1] = (struct http_header){"Referer", "http://127.0.0.1/admin/albums/x"};
    exchange_expect(*state, exchange, 404, "<a href=\"/admin/albums/x\">Back</a>");
    exchange.path = "/nope";
    exchange_expect(*state, exchange, 404, "application/problem+json");
}

static void a_page_may_load_only_what_it_needs(void **state) {
    const struct exchange exchange = {.method = "GET", .path = "/admin/nope", .headers = {HTML}};
    exchange_expect(*state, exchange, 404,
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';");
    exchange_expect(*state, exchange, 404, "frame-ancestors 'none'; img-src 'self' data: http://127.0.0.1:1\r\n");
    exchange_expect(*state, exchange, 404, "Cache-Control: no-store\r\n");
    exchange_expect(*state, exchange, 404, "Referrer-Policy: same-origin\r\n");
    exchange_expect(*state, exchange, 404, "X-Frame-Options: DENY\r\n");
}

static void no_other_origin_reads_them(void **state) {
    struct exchange exchange = {.method = "GET", .path = "/admin/nope", .headers = {{"Origin", "https://app.example"}}};
    exchange_run(*state, &exchange);
    assert_null(strstr(exchange.sent.data, "Access-Control-"));
    exchange.path = "/%61dmin/nope";
    exchange_run(*state, &exchange);
    assert_null(strstr(exchange.sent.data, "Access-Control-"));
    exchange_free(&exchange);
}

/* ` name={{`, and not `?name={{` within quotes. */
static bool has_bare_attribute(const struct html_template *one) {
    const char *end = one->text + one->length;
    for (const char *at = one->text; (at = memmem(at, (size_t)(end - at), "={{", 3)) != NULL; at++) {
        const char *name = at;
        while (name > one->text && strchr("abcdefghijklmnopqrstuvwxyz_-", name[-1]) != NULL) {
            name--;
        }
        if (name > one->text && strchr(" \n", name[-1]) != NULL) {
            return true;
        }
    }
    return false;
}

/* What is escaped for text and quoted attributes would do no good elsewhere. */
static void templates_are_sound(void **state) {
    (void)state;
    static const char *const unsafe[] = {" style=", "<style", "<script>",    " onclick",
                                         " onload", " hx-on", "javascript:", "srcdoc"};
    for (const struct html_template *one = web_templates; one->name != NULL; one++) {
        struct error error = {0};
        if (!html_template_check(web_templates, one, &error)) {
            fail_msg("%s", error.message);
        }
        if (has_bare_attribute(one)) {
            fail_msg("%s has an attribute without quotes", one->name);
        }
        for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
            if (memmem(one->text, one->length, unsafe[i], strlen(unsafe[i])) != NULL) {
                fail_msg("%s has %s", one->name, unsafe[i]);
            }
        }
    }
}

int main(void) {
    if (web_assets[0].path == NULL) {
        print_message("built without npm, and so without pages\n");
        return 77; /* skipped */
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_leads_to_an_admin_page_only),
        cmocka_unit_test(paths_are_known_by_their_first_segment),
        cmocka_unit_test(programs_get_problems_and_people_pages),
        cmocka_unit_test(a_page_may_load_only_what_it_needs),
        cmocka_unit_test(no_other_origin_reads_them),
        cmocka_unit_test(templates_are_sound),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
