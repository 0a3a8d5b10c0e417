#include "common/text_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void blanks_and_empty_words_are_dropped(void **state) {
    (void)state;
    _cleanup_(text_list_free) struct text_list list = {0};
    text_list_split(" a, b ,,c,", ',', &list);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0], "a");
    assert_string_equal(list.items[1], "b");
    assert_string_equal(list.items[2], "c");
    assert_null(list.items[3]);
}

static void nothing_is_an_empty_list(void **state) {
    (void)state;
    const char *const texts[] = {"", " ", ",", " , ,"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        _cleanup_(text_list_free) struct text_list list = {0};
        text_list_split(texts[i], ',', &list);
        assert_int_equal(list.count, 0);
        assert_null(list.items[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_and_empty_words_are_dropped),
        cmocka_unit_test(nothing_is_an_empty_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
