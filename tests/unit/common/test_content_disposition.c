#include "common/content_disposition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *filename, bool is_inline, const char *expected) {
    _cleanup_(buf_free) struct buf out = {0};
    content_disposition_append(&out, is_inline, filename);
    assert_string_equal(out.data, expected);
}

static void a_plain_name_stands_alone(void **state) {
    (void)state;
    expect("report 1.pdf", false, "attachment; filename=\"report 1.pdf\"");
    expect("photo.jpg", true, "inline; filename=\"photo.jpg\"");
}

static void other_letters_go_in_utf8_too(void **state) {
    (void)state;
    expect("Größe.csv", false, "attachment; filename=\"Gr__e.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv");
    expect("😀", false, "attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%98%80");
}

static void nothing_breaks_out_of_the_quotes(void **state) {
    (void)state;
    expect("a\"b\\c%d", false, "attachment; filename=\"a_b_c_d\"; filename*=UTF-8''a%22b%5Cc%25d");
    expect("a\r\nX: y", false, "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_name_stands_alone),
        cmocka_unit_test(other_letters_go_in_utf8_too),
        cmocka_unit_test(nothing_breaks_out_of_the_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
