#include "common/outbox.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void the_end_of_a_whole_batch_is_a_snapshot(void **state) {
    (void)state;
    struct outbox_change items[] = {{.id = 3}, {.id = 9}};
    struct outbox_changes changes = {items, 2, (char *)"5:5:", (char *)"8:8:", true};
    struct outbox_position first = outbox_position_after(&changes, 0);
    struct outbox_position last = outbox_position_after(&changes, 1);
    assert_int_equal(first.id, 3);
    assert_string_equal(first.before, "5:5:");
    assert_int_equal(last.id, 9);
    assert_string_equal(last.seen, "8:8:");
    assert_null(last.before);
    changes.is_whole = false;
    assert_string_equal(outbox_position_after(&changes, 1).before, "5:5:");
}

static void a_reader_moves_on(void **state) {
    (void)state;
    _cleanup_(outbox_position_free) struct outbox_position position = {.id = 2, .seen = xstrdup("5:5:")};
    struct outbox_change items[] = {{.id = 3}};
    struct outbox_changes changes = {items, 1, (char *)"5:5:", (char *)"8:8:", false};
    outbox_position_move(&position, &changes);
    assert_int_equal(position.id, 3);
    assert_string_equal(position.seen, "8:8:");
    assert_string_equal(position.before, "5:5:");
    changes.count = 0;
    changes.is_whole = true;
    outbox_position_move(&position, &changes);
    assert_int_equal(position.id, 3);
    assert_null(position.before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_whole_batch_is_a_snapshot),
        cmocka_unit_test(a_reader_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
