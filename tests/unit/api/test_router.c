#include "api/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct route table[] = {
    {.method = "POST", .pattern = "/files/check"},
    {.method = "GET", .pattern = "/files"},
    {.method = "GET", .pattern = "/files/{id}"},
    {.method = "DELETE", .pattern = "/files/{id}"},
    {.method = "GET", .pattern = "/s3/multipart/{uploadId}/{partNumber}"},
};

static void match(const char *method, const char *raw, struct route_match *ret_match, struct request_path *path) {
    struct error error = {0};
    assert_true(request_path_parse(raw, path, &error));
    router_match(table, sizeof table / sizeof table[0], method, path, ret_match);
}

static void expect_route(const char *method, const char *raw, size_t index) {
    _cleanup_(request_path_free) struct request_path path = {0};
    _cleanup_(route_match_free) struct route_match found = {0};
    match(method, raw, &found, &path);
    assert_ptr_equal(found.route, &table[index]);
}

static void expect_allowed(const char *method, const char *raw, const char *allowed) {
    _cleanup_(request_path_free) struct request_path path = {0};
    _cleanup_(route_match_free) struct route_match found = {0};
    match(method, raw, &found, &path);
    assert_null(found.route);
    assert_string_equal(buf_text(&found.allowed), allowed);
}

static void routes_are_found_by_method_and_pattern(void **state) {
    (void)state;
    expect_route("POST", "/files/check", 0);
    expect_route("GET", "/files", 1);
    expect_route("GET", "/files/x", 2);
    expect_route("GET", "/files/check", 2);
    expect_route("DELETE", "/files/x", 3);
    expect_route("HEAD", "/files/x", 2);
}

static void parameters_are_handed_over_in_order(void **state) {
    (void)state;
    _cleanup_(request_path_free) struct request_path path = {0};
    _cleanup_(route_match_free) struct route_match found = {0};
    match("GET", "/s3/multipart/a%2Fb/7", &found, &path);
    assert_ptr_equal(found.route, &table[4]);
    assert_string_equal(found.parameters[0], "a/b");
    assert_string_equal(found.parameters[1], "7");
}

static void another_method_tells_which_are_allowed(void **state) {
    (void)state;
    expect_allowed("PUT", "/files/x", "GET, HEAD, DELETE, OPTIONS");
    expect_allowed("GET", "/s3/multipart/a/7/8", "");
    expect_allowed("OPTIONS", "/files/check", "POST, GET, HEAD, DELETE, OPTIONS");
    expect_allowed("post", "/files", "GET, HEAD, OPTIONS");
}

static void other_paths_are_unknown(void **state) {
    (void)state;
    static const char *const paths[] = {"/",          "/file",   "/files/", "/files//",
                                        "/files/x/y", "//files", "/FILES",  "/files/x/"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        expect_allowed("GET", paths[i], "");
    }
}

static void every_scope_has_a_name(void **state) {
    (void)state;
    assert_string_equal(scope_name(SCOPE_NONE), "none");
    assert_string_equal(scope_name(SCOPE_UPLOAD), "upload");
    assert_string_equal(scope_name(SCOPE_READ), "read");
    assert_string_equal(scope_name(SCOPE_ADMIN), "admin");
    assert_string_equal(scope_name(SCOPE_EVENTS), "events");
}

static void scopes_are_read_from_words(void **state) {
    (void)state;
    assert_int_equal(scope_mask("upload read", ' '), SCOPE_UPLOAD | SCOPE_READ);
    assert_int_equal(scope_mask("  openid  admin ", ' '), SCOPE_ADMIN);
    assert_int_equal(scope_mask("upload,read", ' '), SCOPE_NONE);
    assert_int_equal(scope_mask("events none Read rea", ' '), SCOPE_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_found_by_method_and_pattern),
        cmocka_unit_test(parameters_are_handed_over_in_order),
        cmocka_unit_test(another_method_tells_which_are_allowed),
        cmocka_unit_test(other_paths_are_unknown),
        cmocka_unit_test(every_scope_has_a_name),
        cmocka_unit_test(scopes_are_read_from_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
