#include "cli/clock_skew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_little_is_nothing_and_five_minutes_are_too_much(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        assert_int_equal(clock_skew_of(sign * 0), CLOCK_SKEW_NONE);
        assert_int_equal(clock_skew_of(sign * 30000), CLOCK_SKEW_NONE);
        assert_int_equal(clock_skew_of(sign * 30001), CLOCK_SKEW_SOME);
        assert_int_equal(clock_skew_of(sign * 300000), CLOCK_SKEW_SOME);
        assert_int_equal(clock_skew_of(sign * 300001), CLOCK_SKEW_TOO_MUCH);
        assert_int_equal(clock_skew_of((int64_t)sign * 20 * 60000), CLOCK_SKEW_TOO_MUCH);
    }
}

static void it_is_told_in_words(void **state) {
    (void)state;
    static const struct {
        int64_t skew_ms;
        const char *text;
    } cases[] = {
        {0, "level with Redis"},
        {-2000, "2 s behind Redis"},
        {1999, "level with Redis"},
        {-12500, "12 s behind Redis"},
        {119999, "119 s ahead of Redis"},
        {120000, "2.0 min ahead of Redis"},
        {-1200040, "20.0 min behind Redis"},
        {1259000, "21.0 min ahead of Redis"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(buf_free) struct buf text = {0};
        clock_skew_text(cases[i].skew_ms, "Redis", &text);
        assert_string_equal(buf_text(&text), cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_little_is_nothing_and_five_minutes_are_too_much),
        cmocka_unit_test(it_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
