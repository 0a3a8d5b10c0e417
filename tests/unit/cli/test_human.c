#include "cli/human.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check_bytes(int64_t bytes, const char *expected) {
    char text[HUMAN_TEXT_SIZE];
    human_bytes(bytes, text);
    assert_string_equal(text, expected);
}

static void sizes_have_the_unit_that_fits(void **state) {
    (void)state;
    check_bytes(0, "0 B");
    check_bytes(1023, "1023 B");
    check_bytes(1024, "1.0 KiB");
    check_bytes(1536, "1.5 KiB");
    check_bytes(10 * 1024, "10 KiB");
    check_bytes((1 << 20) - 1, "1.0 MiB");
    check_bytes(INT64_C(5) << 30, "5.0 GiB");
    check_bytes(INT64_C(1) << 62, "4194304 TiB");
}

static void check_duration(int64_t milliseconds, const char *expected) {
    char text[HUMAN_TEXT_SIZE];
    human_duration(milliseconds, text);
    assert_string_equal(text, expected);
}

static void durations_have_the_unit_that_fits(void **state) {
    (void)state;
    check_duration(0, "0.0 s");
    check_duration(9999, "9.9 s");
    check_duration(10000, "10 s");
    check_duration(99999, "99 s");
    check_duration(185000, "3:05 min");
    check_duration(7800000, "2:10 h");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_the_unit_that_fits),
        cmocka_unit_test(durations_have_the_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
