#include "api/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char id[] = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f";

static void a_cursor_leads_back_to_its_id(void **state) {
    (void)state;
    char cursor[CURSOR_SIZE];
    char back[ID_TEXT_SIZE];
    cursor_make(id, cursor);
    assert_null(strstr(cursor, "-"));
    assert_true(cursor_parse(cursor, back));
    assert_string_equal(back, id);
}

static void other_texts_are_no_cursors(void **state) {
    (void)state;
    char back[ID_TEXT_SIZE];
    assert_false(cursor_parse("", back));
    assert_false(cursor_parse("a", back));
    assert_false(cursor_parse(id, back));
    assert_false(cursor_parse("b01a1f94e2f627be1aa0ab163f5cce02f", back));
    assert_false(cursor_parse("a01a1f94e2f627be1aa0ab163f5cce02", back));
    assert_false(cursor_parse("a01a1f94e2f627be1aa0ab163f5cce02g", back));
    assert_false(cursor_parse("a01a1f94e2f627be1aa0ab163f5cce02ff", back));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_leads_back_to_its_id),
        cmocka_unit_test(other_texts_are_no_cursors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
