#include "api/admin_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void bytes_have_units(void **state) {
    (void)state;
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},       {1, "1 byte"},           {1023, "1023 bytes"},
                 {1024, "1.0 KiB"},    {1536, "1.5 KiB"},       {1048575, "1.0 MiB"},
                 {1048576, "1.0 MiB"}, {5368709120, "5.0 GiB"}, {INT64_MAX, "8192.0 PiB"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ADMIN_FORMAT_SIZE];
        admin_format_bytes(cases[i].bytes, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void durations_have_two_units_at_most(void **state) {
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{-5, "0 s"},           {0, "0 s"},          {59, "59 s"},           {60, "1 min 0 s"},
                 {3599, "59 min 59 s"}, {3600, "1 h 0 min"}, {86399, "23 h 59 min"}, {90000, "1 d 1 h"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ADMIN_FORMAT_SIZE];
        admin_format_duration(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void counts_say_when_there_are_more(void **state) {
    (void)state;
    char text[ADMIN_FORMAT_SIZE];
    admin_format_count(7, 10, text);
    assert_string_equal(text, "7");
    admin_format_count(10, 10, text);
    assert_string_equal(text, "10");
    admin_format_count(11, 10, text);
    assert_string_equal(text, "10+");
}

static void times_are_shortened(void **state) {
    (void)state;
    char text[ADMIN_FORMAT_SIZE];
    admin_format_time("2026-11-27T21:55:03.123Z", text);
    assert_string_equal(text, "2026-11-27 21:55");
    static const char *const none[] = {NULL, "", "2026", "2026-11-27 21:55:03"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        admin_format_time(none[i], text);
        assert_string_equal(text, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_units),
        cmocka_unit_test(durations_have_two_units_at_most),
        cmocka_unit_test(counts_say_when_there_are_more),
        cmocka_unit_test(times_are_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
