#include "api/cors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct cors *made(const char *origins) {
    struct error error = {0};
    struct cors *cors = NULL;
    assert_true(cors_new(origins, &cors, &error));
    return cors;
}

static void no_setting_allows_nobody(void **state) {
    (void)state;
    _cleanup_(cors_freep) struct cors *cors = made("");
    assert_null(cors_allowed_origin(cors, "https://a.example"));
    assert_null(cors_allowed_origin(cors, NULL));
    assert_false(cors_varies(cors));
}

static void exact_origins_only(void **state) {
    (void)state;
    _cleanup_(cors_freep) struct cors *cors = made("https://a.example, http://localhost:3000");
    assert_string_equal(cors_allowed_origin(cors, "https://a.example"), "https://a.example");
    assert_string_equal(cors_allowed_origin(cors, "http://localhost:3000"), "http://localhost:3000");
    static const char *const others[] = {"https://a.example.evil", "http://a.example",
                                         "https://a.example:444",  "null",
                                         "https://A.example",      "*",
                                         "http://localhost",       "https://evil/https://a.example"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_null(cors_allowed_origin(cors, others[i]));
    }
    assert_true(cors_varies(cors));
}

static void a_star_is_anybody(void **state) {
    (void)state;
    _cleanup_(cors_freep) struct cors *cors = made("*");
    assert_string_equal(cors_allowed_origin(cors, "https://a.example"), "*");
    assert_string_equal(cors_allowed_origin(cors, "null"), "*");
    assert_null(cors_allowed_origin(cors, NULL));
    assert_false(cors_varies(cors));
}

static void what_is_no_origin_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"a.example",         "https://", "https://a.example/",
                                        "https://*.example", "://x",     "https://a.example,nonsense"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        struct cors *cors = NULL;
        assert_false(cors_new(wrong[i], &cors, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_setting_allows_nobody),
        cmocka_unit_test(exact_origins_only),
        cmocka_unit_test(a_star_is_anybody),
        cmocka_unit_test(what_is_no_origin_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
