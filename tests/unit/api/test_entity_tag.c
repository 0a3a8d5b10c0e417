#include "api/entity_tag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char tag[] = "\"abc\"";

static void a_listed_tag_matches(void **state) {
    (void)state;
    assert_true(entity_tag_listed("\"abc\"", tag));
    assert_true(entity_tag_listed("W/\"abc\"", tag));
    assert_true(entity_tag_listed("\"x\", \"abc\"", tag));
    assert_true(entity_tag_listed(" \"x\" ,W/\"y, z\",\"abc\" ", tag));
    assert_true(entity_tag_listed("*", tag));
    assert_true(entity_tag_listed("*", NULL));
}

static void others_do_not(void **state) {
    (void)state;
    static const char *const headers[] = {NULL, "", "\"abcd\"", "\"ab\"", "abc", "\"abc", "\"x\", \"y", ",", "W/"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_false(entity_tag_listed(headers[i], tag));
    }
    assert_false(entity_tag_listed("\"abc\"", NULL));
}

static void if_range_wants_the_very_tag(void **state) {
    (void)state;
    assert_true(entity_tag_allows_range(NULL, tag));
    assert_true(entity_tag_allows_range("\"abc\"", tag));
    assert_false(entity_tag_allows_range("W/\"abc\"", tag));
    assert_false(entity_tag_allows_range("\"other\"", tag));
    assert_false(entity_tag_allows_range("Wed, 21 Oct 2026 07:28:00 GMT", tag));
    assert_false(entity_tag_allows_range("\"abc\"", NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_tag_matches),
        cmocka_unit_test(others_do_not),
        cmocka_unit_test(if_range_wants_the_very_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
