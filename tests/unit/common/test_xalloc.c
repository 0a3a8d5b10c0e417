#include "tests/unit/vectors.h"

#include "common/xalloc.h"

#include <string.h>

static void test_memory_comes_even_for_nothing(void **state) {
    (void)state;
    _cleanup_(freep) char *none = xmalloc(0);
    _cleanup_(freep) char *zeros = xcalloc(3, 5);
    _cleanup_(freep) char *no_zeros = xcalloc(0, 5);
    assert_non_null(none);
    assert_non_null(no_zeros);
    assert_memory_equal(zeros, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    none = xrealloc(none, 100);
    memset(none, 'x', 100);
    none = xrealloc(none, 0);
    assert_non_null(none);
}

static void test_texts(void **state) {
    (void)state;
    _cleanup_(freep) char *copy = xstrdup("text");
    _cleanup_(freep) char *start = xstrndup("text", 2);
    _cleanup_(freep) char *whole = xstrndup("text", 100);
    _cleanup_(freep) char *printed = xasprintf("%s-%03d", "a", 7);
    assert_string_equal(copy, "text");
    assert_string_equal(start, "te");
    assert_string_equal(whole, "text");
    assert_string_equal(printed, "a-007");
    assert_null(xstrdup(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_comes_even_for_nothing),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
