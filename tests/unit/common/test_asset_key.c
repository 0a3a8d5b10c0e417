#include "common/asset_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"

static void keys_follow_from_the_record(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf staged = {0};
    _cleanup_(buf_free) struct buf key = {0};
    asset_key_staging(&staged, ID, "a b/ü?.txt");
    asset_key(&key, ID, "a b/ü?.txt");
    assert_string_equal(buf_text(&staged), "staging/" ID "/a_b_ü_.txt");
    assert_string_equal(buf_text(&key), "assets/" ID "/a_b_ü_.txt");
}

static void both_forms_name_their_file(void **state) {
    (void)state;
    char id[ID_TEXT_SIZE];
    assert_true(asset_key_parse("staging/" ID "/x", id));
    assert_string_equal(id, ID);
    assert_true(asset_key_parse("assets/0197A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B/x/y", id));
    assert_string_equal(id, ID);
}

static void other_keys_name_none(void **state) {
    (void)state;
    static const char *const others[] = {"",
                                         "assets/",
                                         "assets/" ID,
                                         "assets/" ID "/",
                                         "assets/x/y",
                                         "files/" ID "/x",
                                         "staging" ID "/x",
                                         "assets//" ID "/x",
                                         "assets/0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5/xyz"};
    char id[ID_TEXT_SIZE] = "unchanged";
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(asset_key_parse(others[i], id));
    }
    assert_string_equal(id, "unchanged");
}

static void only_one_kind_is_an_asset(void **state) {
    (void)state;
    assert_true(asset_kind_is_asset("asset"));
    assert_false(asset_kind_is_asset("file"));
    assert_false(asset_kind_is_asset(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_follow_from_the_record),
        cmocka_unit_test(both_forms_name_their_file),
        cmocka_unit_test(other_keys_name_none),
        cmocka_unit_test(only_one_kind_is_an_asset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
