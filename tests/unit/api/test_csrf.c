#include "api/csrf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char token[CSRF_TOKEN_SIZE];

static void a_token_depends_on_its_secret(void **state) {
    (void)state;
    char again[CSRF_TOKEN_SIZE];
    char other[CSRF_TOKEN_SIZE];
    csrf_token_make("secret", 6, token);
    csrf_token_make("secret", 6, again);
    csrf_token_make("secreT", 6, other);
    assert_int_equal(strlen(token), CSRF_TOKEN_SIZE - 1);
    assert_string_equal(token, again);
    assert_string_not_equal(token, other);
}

static bool same_origin(const char *host, const char *origin, const char *site) {
    struct http_header headers[3];
    struct request request = {.headers = headers};
    const struct http_header all[] = {{"Host", host}, {"Origin", origin}, {"Sec-Fetch-Site", site}};
    for (size_t i = 0; i < 3; i++) {
        if (all[i].value != NULL) {
            headers[request.header_count++] = all[i];
        }
    }
    struct error error = {0};
    bool is_same = csrf_same_origin(&request, &error);
    assert_true(is_same || error.code == ERROR_CSRF_REFUSED);
    return is_same;
}

static void where_a_request_comes_from(void **state) {
    (void)state;
    assert_true(same_origin("a.example", NULL, NULL));
    assert_true(same_origin("a.example", "https://a.example", NULL));
    assert_true(same_origin("A.example:8080", "http://a.example:8080", NULL));
    assert_true(same_origin("inside:1", "https://a.example", "same-origin"));
    assert_true(same_origin("a.example", NULL, "none"));
    static const char *const others[] = {
        "https://b.example", "http://a.example:8080", "https://a.example.b.example", "null", "", "a.example"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(same_origin("a.example", others[i], NULL));
    }
    assert_false(same_origin(NULL, "https://a.example", NULL));
    assert_false(same_origin("a.example", "https://a.example", "cross-site"));
    assert_false(same_origin("a.example", "https://a.example", "same-site"));
    assert_false(same_origin("a.example", "https://a.example", ""));
}

static void names_that_anybody_may_own_are_not_local(void **state) {
    (void)state;
    static const char *const local[] = {"127.0.0.1",    "127.0.0.1:8080", "localhost",
                                        "LOCALHOST:80", "a.localhost:1",  "[::1]",
                                        "[::1]:8080",   "192.0.2.1:80",   "[2001:db8::1]:1"};
    static const char *const others[] = {
        "a.example", "localhost.a.example", "notlocalhost", "127.0.0.1.a.example", "", "[", "127.1"};
    struct http_header header = {"Host", NULL};
    struct request request = {.headers = &header, .header_count = 1};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        header.value = local[i];
        assert_true(csrf_host_is_local(&request));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        header.value = others[i];
        assert_false(csrf_host_is_local(&request));
    }
    request.header_count = 0;
    assert_true(csrf_host_is_local(&request));
}

static void browsers_are_recognised(void **state) {
    (void)state;
    struct http_header headers[] = {{"Host", "a"}, {"User-Agent", "curl"}, {"sec-fetch-site", "cross-site"}};
    struct request request = {.headers = headers, .header_count = 2};
    assert_false(csrf_is_browser(&request));
    request.header_count = 3;
    assert_true(csrf_is_browser(&request));
}

/* A POST to a route with this body, with this header and text. */
static bool check(enum body_kind kind, const char *header, const char *body, bool *ret_open) {
    const struct route route = {.body = kind};
    struct http_header token_header = {CSRF_HEADER, header};
    struct request request = {.method = "POST", .csrf_needed = true, .headers = &token_header};
    request.header_count = header == NULL ? 0 : 1;
    request.match.route = &route;
    memcpy(request.csrf_token, token, sizeof token);
    buf_append_text(&request.body, body);
    struct error error = {0};
    bool good = csrf_check(&request, &error);
    assert_true(good || error.code == ERROR_CSRF_REFUSED);
    *ret_open = request.csrf_open;
    buf_free(&request.body);
    return good;
}

static void a_change_needs_the_token(void **state) {
    (void)state;
    bool is_open = false;
    csrf_token_make("secret", 6, token);
    _cleanup_(buf_free) struct buf field = {0};
    buf_printf(&field, "title=x&" CSRF_FIELD "=%s", token);
    assert_true(check(BODY_FIELDS, NULL, buf_text(&field), &is_open));
    assert_true(check(BODY_NONE, token, "", &is_open));
    assert_true(check(BODY_JSON, token, "", &is_open));
    assert_true(check(BODY_FIELDS, token, "title=x", &is_open));
    assert_false(check(BODY_FIELDS, NULL, "title=x", &is_open));
    assert_false(check(BODY_FIELDS, NULL, "csrf_token=", &is_open));
    assert_false(check(BODY_FIELDS, "", buf_text(&field), &is_open));
    assert_false(check(BODY_NONE, NULL, "", &is_open));
    assert_false(check(BODY_ANY, NULL, buf_text(&field), &is_open));
    field.data[field.length - 1] ^= 1;
    assert_false(check(BODY_FIELDS, NULL, buf_text(&field), &is_open));
    assert_false(is_open);
}

static void a_form_that_streams_brings_it_later(void **state) {
    (void)state;
    bool is_open = false;
    assert_true(check(BODY_FORM, NULL, "", &is_open));
    assert_true(is_open);
    assert_true(check(BODY_FORM, token, "", &is_open));
    assert_false(is_open);
    assert_false(check(BODY_FORM, "wrong", "", &is_open));
    struct request request = {.csrf_open = true};
    struct error error = {0};
    memcpy(request.csrf_token, token, sizeof token);
    assert_false(csrf_accept(&request, "", &error));
    assert_true(request.csrf_open);
    assert_true(csrf_accept(&request, token, &error));
    assert_false(request.csrf_open);
}

static void what_needs_none_is_not_asked(void **state) {
    (void)state;
    struct error error = {0};
    struct request request = {.method = "POST"};
    assert_true(csrf_check(&request, &error));
    request = (struct request){.method = "GET", .csrf_needed = true};
    assert_true(csrf_check(&request, &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_depends_on_its_secret),
        cmocka_unit_test(where_a_request_comes_from),
        cmocka_unit_test(names_that_anybody_may_own_are_not_local),
        cmocka_unit_test(browsers_are_recognised),
        cmocka_unit_test(a_change_needs_the_token),
        cmocka_unit_test(a_form_that_streams_brings_it_later),
        cmocka_unit_test(what_needs_none_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
