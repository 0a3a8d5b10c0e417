#include "common/kind_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct config settings(const char *file, const char *media, const char *asset) {
    return (struct config){.file_types = (char *)file,
                           .media_types = (char *)media,
                           .asset_types = (char *)asset,
                           .file_max_bytes = 10,
                           .asset_max_bytes = 20};
}

static void each_kind_has_its_policy(void **state) {
    (void)state;
    struct error err = {0};
    struct kind_policies policies;
    const struct config config = settings("text/*", "image/png", "");
    assert_true(kind_policies_read(&config, &policies, &err));
    assert_int_equal(kind_policy_of(&policies, "file")->max_bytes, 10);
    assert_int_equal(kind_policy_of(&policies, NULL)->max_bytes, 10);
    assert_int_equal(kind_policy_of(&policies, "asset")->max_bytes, 20);
    static const char *const media[] = {"media", "avatar", "generated"};
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        assert_string_equal(kind_policy_of(&policies, media[i])->types, "image/png");
        assert_int_equal(kind_policy_of(&policies, media[i])->max_bytes, 0);
    }
}

static void lists_that_are_none_are_named(void **state) {
    (void)state;
    static const struct {
        const char *lists[3];
        const char *names;
    } cases[] = {{{"x", "", ""}, "SLUICE_FILE_TYPES"},
                 {{"", "x", ""}, "SLUICE_MEDIA_TYPES"},
                 {{"", "", "x"}, "SLUICE_ASSET_TYPES"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct kind_policies policies;
        const struct config config = settings(cases[i].lists[0], cases[i].lists[1], cases[i].lists[2]);
        assert_false(kind_policies_read(&config, &policies, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, cases[i].names));
    }
}

static void types_off_the_list_are_refused(void **state) {
    (void)state;
    struct error err = {0};
    const struct kind_policy any = {0};
    const struct kind_policy text = {.types = "text/*"};
    assert_true(kind_policy_check_type(&any, NULL, &err));
    assert_true(kind_policy_check_type(&text, "text/csv", &err));
    assert_false(kind_policy_check_type(&text, "image/png", &err));
    assert_int_equal(err.code, ERROR_UNSUPPORTED_TYPE);
    assert_false(kind_policy_check_type(&text, NULL, &err));
    assert_false(kind_policy_check_type(&text, "", &err));
}

static void zero_is_no_limit(void **state) {
    (void)state;
    assert_int_equal(kind_policy_smaller(0, 0), 0);
    assert_int_equal(kind_policy_smaller(7, 0), 7);
    assert_int_equal(kind_policy_smaller(0, 7), 7);
    assert_int_equal(kind_policy_smaller(7, 8), 7);
    assert_int_equal(kind_policy_smaller(8, 7), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_policy),
        cmocka_unit_test(lists_that_are_none_are_named),
        cmocka_unit_test(types_off_the_list_are_refused),
        cmocka_unit_test(zero_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
