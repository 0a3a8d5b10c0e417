#include "cli/content_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void the_extension_decides(void **state) {
    (void)state;
    assert_string_equal(content_type_of("photo.jpg"), "image/jpeg");
    assert_string_equal(content_type_of("PHOTO.JPEG"), "image/jpeg");
    assert_string_equal(content_type_of("a.b.csv"), "text/csv");
    assert_string_equal(content_type_of("dir.d/archive.tar.gz"), "application/gzip");
}

static void what_is_not_known_is_not_guessed(void **state) {
    (void)state;
    assert_null(content_type_of("README"));
    assert_null(content_type_of("file."));
    assert_null(content_type_of("file.unheardof"));
    assert_null(content_type_of("dir.png/README"));
    assert_null(content_type_of(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_extension_decides),
        cmocka_unit_test(what_is_not_known_is_not_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
