#include "cli/dead_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void ids_are_positive_numbers(void **state) {
    (void)state;
    assert_true(dead_event_is_id("1"));
    assert_true(dead_event_is_id("9223372036854775807"));
    assert_false(dead_event_is_id("0"));
    assert_false(dead_event_is_id("1x"));
    assert_false(dead_event_is_id(""));
}

static void bytes_come_back_as_they_were(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf raw = {0};
    assert_true(dead_event_raw("7b00ff", &raw));
    assert_int_equal(raw.length, 3);
    assert_memory_equal(raw.data, "{\0\xff", 4);
    buf_clear(&raw);
    assert_true(dead_event_raw("", &raw));
    assert_int_equal(raw.length, 0);
    assert_false(dead_event_raw("7", &raw));
    assert_false(dead_event_raw("zz", &raw));
}

static struct dead_event event_of(const char *hex) {
    return (struct dead_event){
        .id = 7, .received_at = "2026-11-20T12:00:00.000Z", .reason = "why", .length = 2, .hex = hex};
}

static void a_line_never_moves_the_terminal(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf line = {0};
    struct dead_event event = event_of("1b5b");
    dead_event_line(&event, &line);
    assert_non_null(strstr(buf_text(&line), "     7  2026-11-20T12:00:00.000Z  why  [2 bytes] ?["));
    buf_clear(&line);
    event = event_of("fffe");
    dead_event_line(&event, &line);
    assert_non_null(strstr(buf_text(&line), "[2 bytes]"));
}

static void json_has_text_or_base64(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf line = {0};
    struct dead_event event = event_of("7b7d");
    dead_event_json(&event, &line);
    assert_non_null(strstr(buf_text(&line), "\"raw\":\"{}\""));
    buf_clear(&line);
    event = event_of("ff00");
    dead_event_json(&event, &line);
    assert_non_null(strstr(buf_text(&line), "\"raw_base64\":\"/wA=\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_positive_numbers),
        cmocka_unit_test(bytes_come_back_as_they_were),
        cmocka_unit_test(a_line_never_moves_the_terminal),
        cmocka_unit_test(json_has_text_or_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
