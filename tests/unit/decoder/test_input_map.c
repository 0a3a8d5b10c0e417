#include "decoder/input_map.h"

#include "tests/unit/tiff_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_file_is_seen_as_it_is(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf bytes = {0};
    buf_append_text(&bytes, "some bytes");
    _cleanup_(closep) int file = file_of(&bytes);
    _cleanup_(input_map_close) struct input_map map = {0};
    assert_true(input_map_open(file, 10, &map));
    assert_int_equal(map.size, 10);
    assert_memory_equal(map.bytes, "some bytes", 10);
}

static void nothing_is_not_mapped(void **state) {
    (void)state;
    struct input_map map = {0};
    assert_false(input_map_open(-1, 10, &map));
    assert_false(input_map_open(0, 0, &map));
    assert_null(map.bytes);
    input_map_close(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_seen_as_it_is),
        cmocka_unit_test(nothing_is_not_mapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
