#include "common/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *text, bool valid) {
    _cleanup_(outbox_position_free) struct outbox_position position = {0};
    bool is_read = outbox_position_parse(text, &position);
    if (is_read != valid) {
        fail_msg("%s", text);
    }
    if (is_read) {
        _cleanup_(buf_free) struct buf again = {0};
        outbox_position_print(&position, &again);
        assert_string_equal(again.data, text);
    }
}

static void positions_are_read_as_they_were_written(void **state) {
    (void)state;
    static const char *const texts[] = {"0-1:1:", "1234-700:705:701,703",
                                        "1234-700:705:700,704-690:700:", "9223372036854775807-3:9223372036854775807:4"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect(texts[i], true);
    }
}

static void the_parts_of_a_position(void **state) {
    (void)state;
    _cleanup_(outbox_position_free) struct outbox_position position = {0};
    assert_true(outbox_position_parse("12-700:705:701,703-690:700:695", &position));
    assert_int_equal(position.id, 12);
    assert_string_equal(position.seen, "700:705:701,703");
    assert_string_equal(position.before, "690:700:695");
}

/* What Postgres would refuse must not reach it. */
static void anything_else_is_none(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "1",
        "1-",
        "-1-1:1:",
        "x-1:1:",
        "1-0:1:",
        "1-2:1:",
        "1-1:1",
        "1-1:1:1",
        "1-1:5:5",
        "1-3:5:2",
        "1-1:5:2,2",
        "1-1:5:3,2",
        "1-1:5:2,",
        "1-1:5:,2",
        "1-1:1: ",
        "1-1:1:-",
        "1-1:1:-1:1",
        "1-1:1:-1:1:-1:1:",
        "1-99999999999999999999:99999999999999999999:",
        "99999999999999999999-1:1:",
        "1-1:1:'; DROP TABLE outbox",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect(texts[i], false);
    }
}

static void a_snapshot_has_an_end(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf text = {0};
    buf_append_text(&text, "1-1000:9999:1000");
    for (int open = 1001; open < 2500; open++) {
        buf_printf(&text, ",%d", open);
    }
    expect(text.data, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_read_as_they_were_written),
        cmocka_unit_test(the_parts_of_a_position),
        cmocka_unit_test(anything_else_is_none),
        cmocka_unit_test(a_snapshot_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
