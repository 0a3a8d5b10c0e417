#include "api/signer_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *raw, const char *token, size_t count, const char *first, bool is_signer) {
    struct request_path path;
    struct error error = {0};
    assert_true(request_path_parse(raw, &path, &error));
    const char *found = signer_path_enter(&path);
    if (token == NULL) {
        assert_null(found);
    } else {
        assert_string_equal(found, token);
    }
    assert_int_equal(path.count, count);
    assert_string_equal(path.segments[0], first);
    assert_int_equal(signer_path_is(&path), is_signer);
    request_path_free(&path);
}

static void tokens_are_taken_off_the_front(void **state) {
    (void)state;
    check("/s3/params", NULL, 2, "s3", true);
    check("//s3/params", NULL, 2, "s3", true);
    check("/c/tok/s3/params", "tok", 2, "s3", true);
    check("/c/tok//s3/multipart/u/complete", "tok", 4, "s3", true);
    check("/%63/t%6fk/s3/params", "tok", 2, "s3", true);
    check("/c/tok/rails/active_storage/direct_uploads", "tok", 3, "rails", true);
    check("/rails/active_storage/direct_uploads", NULL, 3, "rails", true);
    check("/c/tok//rails/active_storage/direct_uploads", "tok", 3, "rails", true);
}

static void other_paths_stay_as_they_are(void **state) {
    (void)state;
    check("/files", NULL, 1, "files", false);
    check("//files", NULL, 2, "", false);
    check("///s3/params", NULL, 4, "", false);
    check("/c/tok/files", NULL, 3, "c", false);
    check("/c/tok/tokens", NULL, 3, "c", false);
    check("/c/tok", NULL, 2, "c", false);
    check("/c/tok/c/tok/s3/params", NULL, 6, "c", false);
    check("/c/s3/params", NULL, 3, "c", false);
    check("/c/t/s3/1/2/3/4/5/6/7", NULL, REQUEST_PATH_SEGMENTS_MAX + 1, "c", false);
}

static void hides(const char *raw, const char *expected) {
    _cleanup_(buf_free) struct buf shown = {0};
    signer_path_hide(raw, &shown);
    assert_string_equal(buf_text(&shown), expected);
}

static void no_token_is_shown(void **state) {
    (void)state;
    hides("/c/sct_abc/s3/params", "/c/…/s3/params");
    hides("/c/anything/s3/params", "/c/…/s3/params");
    hides("//c//sct_abc", "//c//…");
    hides("/%63/%73ct_abc/s3", "/%63/…/s3");
    hides("/c/%zz/s3", "/c/…/s3");
    hides("/files/sct_abc", "/files/…");
    hides("/files/%73%63%74%5fabc%20", "/files/…");
    hides("/files/%zzsct_abc", "/files/…");
    hides("/files/c/x", "/files/c/x");
    hides("/s3/multipart/abc/1", "/s3/multipart/abc/1");
    hides("-", "-");
    hides("", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_taken_off_the_front),
        cmocka_unit_test(other_paths_stay_as_they_are),
        cmocka_unit_test(no_token_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
