#include "tests/unit/vectors.h"

#include "common/clock.h"

#include <stdlib.h>
#include <time.h>

static void test_formats(void **state) {
    (void)state;
    char rfc3339[CLOCK_TEXT_SIZE];
    char amz[CLOCK_AMZ_SIZE];
    clock_format_rfc3339(1795178096007, rfc3339);
    clock_format_amz(1795178096999, amz);
    assert_string_equal(rfc3339, "2026-11-20T12:34:56.007Z");
    assert_string_equal(amz, "20261120T123456Z");
    clock_format_rfc3339(0, rfc3339);
    assert_string_equal(rfc3339, "1970-01-01T00:00:00.000Z");
    clock_format_amz(1709164800000, amz);
    assert_string_equal(amz, "20240229T000000Z");
}

static void test_http_form(void **state) {
    (void)state;
    char text[CLOCK_HTTP_SIZE];
    clock_format_http(1795178096007, text);
    assert_string_equal(text, "Fri, 20 Nov 2026 12:34:56 GMT");
    clock_format_http(0, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
}

/* Every 11 days and a bit over 600 years, before 1970 too, as the C library has them. */
static void test_calendar_is_the_librarys(void **state) {
    (void)state;
    for (int64_t seconds = -6000000000; seconds < 13000000000; seconds += 987654) {
        char wanted[64];
        char text[CLOCK_TEXT_SIZE];
        char http[CLOCK_HTTP_SIZE];
        time_t at = (time_t)seconds;
        struct tm utc;
        gmtime_r(&at, &utc);
        strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
        clock_format_rfc3339(seconds * 1000, text);
        assert_string_equal(text, wanted);
        strftime(wanted, sizeof wanted, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        clock_format_http(seconds * 1000, http);
        assert_string_equal(http, wanted);
    }
}

static void test_time_zone_does_not_matter(void **state) {
    (void)state;
    char amz[CLOCK_AMZ_SIZE];
    setenv("TZ", "Asia/Kathmandu", 1);
    tzset();
    clock_format_amz(1795178096000, amz);
    assert_string_equal(amz, "20261120T123456Z");
    assert_int_equal(clock_parse("2026-11-20T12:34:56Z"), 1795178096000);
    unsetenv("TZ");
    tzset();
}

static void test_parsing(void **state) {
    (void)state;
    assert_int_equal(clock_parse("2026-11-20T12:34:56Z"), 1795178096000);
    assert_int_equal(clock_parse("2026-11-20T12:34:56"), 1795178096000);
    assert_int_equal(clock_parse("2026-11-20T12:34:56.789Z"), 1795178096789);
    assert_int_equal(clock_parse("2026-11-20T12:34:56.789123Z"), 1795178096789);
    assert_int_equal(clock_parse("2026-11-20T12:34:56.7Z"), 1795178096000);
    assert_int_equal(clock_parse("Fri, 20 Nov 2026 12:34:56 GMT"), 1795178096000);
    assert_int_equal(clock_parse("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800000);
}

static void test_what_is_no_time(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-20",
        "2026-11-20 12:34:56",
        "2026-13-20T12:34:56Z",
        "2026-11-00T12:34:56Z",
        "2026-11-20T24:34:56Z",
        "2026-11-20T12:60:56Z",
        "2026-11-20T12:34:5xZ",
        "2026-11-20T1234:56:0",
        "-026-11-20T12:34:56Z",
        "1969-12-31T23:59:59Z",
        "Fri, 20 Nox 2026 12:34:56 GMT",
        "Fri, 20 Nov 2026 12:34:56",
        "Fri, 20 Nov 2026 12:34:56 GMT+1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (clock_parse(texts[i]) != 0) {
            fail_msg("accepted %s", texts[i]);
        }
    }
}

static void test_clocks_run(void **state) {
    (void)state;
    int64_t start_us = clock_monotonic_us();
    assert_true(clock_now_ms() > 1700000000000);
    clock_sleep_ms(5);
    clock_sleep_ms(0);
    clock_sleep_ms(-1);
    assert_true(clock_monotonic_us() - start_us >= 5000);
    assert_true(clock_monotonic_ms() >= start_us / 1000 + 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_http_form),
        cmocka_unit_test(test_calendar_is_the_librarys),
        cmocka_unit_test(test_time_zone_does_not_matter),
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_what_is_no_time),
        cmocka_unit_test(test_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
