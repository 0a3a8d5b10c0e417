#include "cli/board.h"

#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What a board writes when one upload is finished and another fails. */
static char *written(enum board_mode mode) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct board *board = board_new(out, mode, 2, 80);
    board_start(board, 0, "one.txt", 2048);
    board_start(board, 1, "two.txt", 4096);
    board_advance(board, 0, 1024);
    board_finish(board, 0, BOARD_SENT);
    board_finish(board, 1, BOARD_FAILED);
    board_say(board, "two.txt: it\nfailed");
    board_free(board);
    fclose(out);
    return text;
}

static void lines_tell_only_what_is_finished(void **state) {
    (void)state;
    _cleanup_(freep) char *text = written(BOARD_LINES);
    assert_int_equal(strncmp(text, "one.txt  2.0 KiB in ", 20), 0);
    assert_non_null(strstr(text, ")\ntwo.txt: it?failed\n"));
    assert_null(strstr(text, "\033"));
}

static void a_known_file_is_not_told_as_sent(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct board *board = board_new(out, BOARD_LINES, 1, 80);
    board_start(board, 0, "one.txt", 2048);
    board_finish(board, 0, BOARD_KNOWN);
    board_free(board);
    fclose(out);
    assert_string_equal(text, "one.txt  known already, not sent again\n");
    free(text);
}

static void quiet_tells_only_failures(void **state) {
    (void)state;
    _cleanup_(freep) char *text = written(BOARD_QUIET);
    assert_string_equal(text, "two.txt: it?failed\n");
}

static void bars_make_room_for_what_is_finished(void **state) {
    (void)state;
    _cleanup_(freep) char *text = written(BOARD_BARS);
    assert_non_null(strstr(text, "\033[2A\033[Jone.txt  2.0 KiB in "));
    assert_non_null(strstr(text, "\ntwo.txt  ["));
    assert_non_null(strstr(text, "\033[1A\033[J"));
    assert_non_null(strstr(text, "two.txt: it?failed\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_tell_only_what_is_finished),
        cmocka_unit_test(a_known_file_is_not_told_as_sent),
        cmocka_unit_test(quiet_tells_only_failures),
        cmocka_unit_test(bars_make_room_for_what_is_finished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
