#include "common/upload_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_token_is_its_random_bytes(void **state) {
    (void)state;
    unsigned char random[UPLOAD_TOKEN_RANDOM_SIZE] = {0xab, 0x01};
    char token[UPLOAD_TOKEN_TEXT_SIZE];
    upload_token_make(random, token);
    assert_string_equal(token, "sct_ab01000000000000000000000000000000000000000000000000000000000000");
    assert_true(upload_token_valid(token));
    char other[UPLOAD_TOKEN_TEXT_SIZE];
    upload_token_new(token);
    upload_token_new(other);
    assert_string_not_equal(token, other);
    unsigned char hash[SHA256_SIZE];
    unsigned char expected[SHA256_SIZE];
    upload_token_hash(token, hash);
    sha256_of(token, strlen(token), expected);
    assert_memory_equal(hash, expected, sizeof hash);
}

static void nothing_else_has_its_form(void **state) {
    (void)state;
    static const char *const others[] = {
        "",
        "sct_",
        "sluice_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sct_AB01000000000000000000000000000000000000000000000000000000000000",
        "sct_ab010000000000000000000000000000000000000000000000000000000000000",
        "sct_ab0100000000000000000000000000000000000000000000000000000000000",
        "ab01000000000000000000000000000000000000000000000000000000000000",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(upload_token_valid(others[i]));
    }
}

static void patterns_are_types(void **state) {
    (void)state;
    char pattern[UPLOAD_TOKEN_PATTERN_SIZE];
    assert_true(upload_token_pattern("Image/PNG", pattern));
    assert_string_equal(pattern, "image/png");
    assert_true(upload_token_pattern("image/*", pattern));
    assert_true(upload_token_pattern("application/vnd.ms-excel+xml", pattern));
    static const char *const wrong[] = {"",         "image",         "image/",  "/png", "*/*",
                                        "image/p*", "image/png;a=b", "a/b,c/d", "a/ b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(upload_token_pattern(wrong[i], pattern));
    }
    char endless[2 * UPLOAD_TOKEN_PATTERN_SIZE];
    memset(endless, 'a', sizeof endless);
    endless[1] = '/';
    endless[sizeof endless - 1] = '\0';
    assert_false(upload_token_pattern(endless, pattern));
}

static void types_fit_their_patterns(void **state) {
    (void)state;
    assert_true(upload_token_allows("", "anything/else"));
    assert_true(upload_token_allows("", ""));
    assert_true(upload_token_allows("image/*,application/pdf", "image/png"));
    assert_true(upload_token_allows("image/*,application/pdf", "application/pdf"));
    assert_true(upload_token_allows("text/plain", "text/plain; charset=utf-8"));
    assert_true(upload_token_allows("text/plain", "TEXT/plain"));
    assert_false(upload_token_allows("image/*", "imagex/png"));
    assert_false(upload_token_allows("image/*", "image/"));
    assert_false(upload_token_allows("image/*", ""));
    assert_false(upload_token_allows("image/png", "image/pngx"));
    assert_false(upload_token_allows("image/png", "image/pn"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_its_random_bytes),
        cmocka_unit_test(nothing_else_has_its_form),
        cmocka_unit_test(patterns_are_types),
        cmocka_unit_test(types_fit_their_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
