#include "tests/unit/vectors.h"

#include <string.h>

static void test_grows_and_stays_terminated(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf buf = {0};
    assert_string_equal(buf_text(&buf), "");
    for (size_t i = 0; i < 1000; i++) {
        buf_append_char(&buf, (char)('a' + i % 26));
        assert_int_equal(strlen(buf_text(&buf)), i + 1);
    }
    buf_append(&buf, "\0x", 2);
    assert_int_equal(buf.length, 1002);
    assert_int_equal(buf.data[1002], '\0');
    buf_append(&buf, NULL, 0);
    assert_int_equal(buf.length, 1002);
}

static void test_integers(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf buf = {0};
    static const int64_t numbers[] = {0, 7, -1, 10, 1234567890, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        buf_append_int(&buf, numbers[i]);
        buf_append_char(&buf, ' ');
    }
    assert_string_equal(buf.data, "0 7 -1 10 1234567890 9223372036854775807 -9223372036854775808 ");
}

static void test_printf(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf buf = {0};
    buf_append_text(&buf, "<");
    buf_printf(&buf, "%s-%d", "x", 7);
    buf_printf(&buf, "%s", "");
    buf_printf(&buf, "%0500d", 1);
    assert_int_equal(buf.length, 504);
    assert_memory_equal(buf.data, "<x-7000", 7);
}

static void test_clear_keeps_memory_and_take_gives_it_away(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_append_text(&buf, "text");
    const char *data = buf.data;
    buf_clear(&buf);
    assert_string_equal(buf_text(&buf), "");
    buf_append_text(&buf, "other");
    assert_ptr_equal(buf.data, data);
    _cleanup_(freep) char *taken = buf_take(&buf);
    assert_string_equal(taken, "other");
    assert_null(buf.data);
    _cleanup_(freep) char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    buf_clear(&buf);
    buf_free(&buf);
}

static void test_reserve_has_room_for_the_end(void **state) {
    (void)state;
    for (size_t length = 0; length < 600; length++) {
        _cleanup_(buf_free) struct buf buf = {0};
        memset(buf_reserve(&buf, length), 'x', length);
        buf.length += length;
        buf_append_char(&buf, 'y');
        assert_int_equal(buf.length, length + 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_printf),
        cmocka_unit_test(test_clear_keeps_memory_and_take_gives_it_away),
        cmocka_unit_test(test_reserve_has_room_for_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
