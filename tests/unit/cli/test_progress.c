#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check_line(const struct progress *progress, int64_t now_ms, size_t width, const char *expected) {
    _cleanup_(buf_free) struct buf line = {0};
    progress_line(progress, now_ms, width, &line);
    assert_string_equal(buf_text(&line), expected);
}

static void a_line_tells_share_rate_and_time_left(void **state) {
    (void)state;
    struct progress progress = {.label = "photo.jpg", .total = 12 << 20, .sent = 6 << 20, .started_ms = 1000};
    check_line(&progress, 3000, 100,
               "photo.jpg  [###############...............]   50 %  6.0 MiB of 12 MiB  3.0 MiB/s  2.0 s left");
    progress.sent = progress.total;
    check_line(&progress, 4000, 79, "photo.jpg  [##################]  100 %  12 MiB of 12 MiB  4.0 MiB/s  0.0 s left");
}

static void nothing_is_promised_at_the_start(void **state) {
    (void)state;
    struct progress progress = {.label = "a", .total = 2048, .started_ms = 5};
    check_line(&progress, 5, 100, "a  [..............................]    0 %  0 B of 2.0 KiB  0 B/s  ? left");
    struct progress empty = {.label = "a", .started_ms = 5};
    check_line(&empty, 5, 50, "a  [###########]  100 %  0 B of 0 B  0 B/s  ? left");
}

/* Characters, not bytes. */
static size_t columns_of(const char *text) {
    size_t columns = 0;
    for (; *text != '\0'; text++) {
        columns += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return columns;
}

static void no_line_is_wider_than_the_terminal(void **state) {
    (void)state;
    struct progress progress = {
        .label = "ein/langer/Pfad/Größe 1+2 und noch viel mehr davon 😀.csv", .total = 12 << 20, .sent = 6 << 20};
    for (size_t width = 1; width < 200; width++) {
        _cleanup_(buf_free) struct buf line = {0};
        progress_line(&progress, 2000, width, &line);
        assert_true(columns_of(buf_text(&line)) <= width);
    }
}

static void a_long_label_keeps_its_end(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf label = {0};
    assert_int_equal(progress_label(&label, "abcdefghij.csv", 8), 8);
    assert_string_equal(buf_text(&label), "…hij.csv");
    buf_clear(&label);
    assert_int_equal(progress_label(&label, "äöü.csv", 7), 7);
    assert_string_equal(buf_text(&label), "äöü.csv");
    buf_clear(&label);
    assert_int_equal(progress_label(&label, "äöü.csv", 6), 6);
    assert_string_equal(buf_text(&label), "…ü.csv");
}

static void a_name_cannot_steer_the_terminal(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf label = {0};
    progress_label(&label, "a\033[2J\r\n\x7f", 80);
    assert_string_equal(buf_text(&label), "a?[2J???");
}

static void the_summary_tells_what_it_took(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf line = {0};
    struct progress progress = {.label = "photo.jpg", .total = 12 << 20, .sent = 12 << 20, .started_ms = 1000};
    progress_summary(&progress, 5000, &line);
    assert_string_equal(buf_text(&line), "photo.jpg  12 MiB in 4.0 s (3.0 MiB/s)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_share_rate_and_time_left), cmocka_unit_test(nothing_is_promised_at_the_start),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),    cmocka_unit_test(a_long_label_keeps_its_end),
        cmocka_unit_test(a_name_cannot_steer_the_terminal),      cmocka_unit_test(the_summary_tells_what_it_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
