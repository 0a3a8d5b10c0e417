#include "api/byte_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 1000 };

static void expect_part(const char *header, int64_t first, int64_t length) {
    struct byte_range range;
    assert_int_equal(byte_range_of(header, SIZE, &range), BYTE_RANGE_PART);
    assert_int_equal(range.first, first);
    assert_int_equal(range.length, length);
}

static void one_range_is_taken(void **state) {
    (void)state;
    expect_part("bytes=0-0", 0, 1);
    expect_part("bytes=0-499", 0, 500);
    expect_part("bytes=500-", 500, 500);
    expect_part("bytes=999-", 999, 1);
    expect_part("bytes=-1", 999, 1);
    expect_part("bytes=-500", 500, 500);
    expect_part("Bytes= 1-2 ", 1, 2);
}

static void a_range_ends_where_the_content_ends(void **state) {
    (void)state;
    expect_part("bytes=0-1000", 0, 1000);
    expect_part("bytes=990-9223372036854775807", 990, 10);
    expect_part("bytes=-5000", 0, 1000);
}

static void ranges_outside_are_unsatisfiable(void **state) {
    (void)state;
    struct byte_range range;
    assert_int_equal(byte_range_of("bytes=1000-", SIZE, &range), BYTE_RANGE_UNSATISFIABLE);
    assert_int_equal(byte_range_of("bytes=1000-2000", SIZE, &range), BYTE_RANGE_UNSATISFIABLE);
    assert_int_equal(byte_range_of("bytes=-0", SIZE, &range), BYTE_RANGE_UNSATISFIABLE);
    assert_int_equal(byte_range_of("bytes=0-", 0, &range), BYTE_RANGE_UNSATISFIABLE);
    assert_int_equal(byte_range_of("bytes=-1", 0, &range), BYTE_RANGE_UNSATISFIABLE);
}

static void anything_else_is_the_whole(void **state) {
    (void)state;
    static const char *const headers[] = {
        NULL,          "",           "bytes",       "bytes=",        "bytes=-",
        "bytes=a-b",   "bytes=5-4",  "bytes=1-2,3", "bytes=1-2,4-5", "items=0-1",
        "bytes=0x1-2", "bytes=1-2x", "bytes=--1",   "bytes=1",       "bytes=99999999999999999999-",
        "bytes=1--2",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct byte_range range;
        assert_int_equal(byte_range_of(headers[i], SIZE, &range), BYTE_RANGE_WHOLE);
        assert_int_equal(range.first, 0);
        assert_int_equal(range.length, SIZE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_is_taken),
        cmocka_unit_test(a_range_ends_where_the_content_ends),
        cmocka_unit_test(ranges_outside_are_unsatisfiable),
        cmocka_unit_test(anything_else_is_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
