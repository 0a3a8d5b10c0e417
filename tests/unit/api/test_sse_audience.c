#include "api/sse_audience.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void add(struct outbox_audience *audience, enum sse_scope scope, const char *owner, const char *id) {
    const struct sse_stream stream = {.scope = scope, .owner_id = (char *)owner, .id = (char *)id};
    sse_audience_add_stream(audience, &stream);
}

static void each_word_once(void **state) {
    (void)state;
    _cleanup_(sse_audience_free) struct outbox_audience audience = {0};
    for (int i = 0; i < 200; i++) {
        add(&audience, SSE_FILE, "ann", i % 2 == 0 ? "f" : "e");
        add(&audience, SSE_ALBUM, "bob", "a");
        add(&audience, SSE_OWNER, "cat", NULL);
    }
    sse_audience_finish(&audience);
    assert_int_equal(audience.owners.count, 3);
    assert_string_equal(audience.owners.items[0], "ann");
    assert_string_equal(audience.owners.items[2], "cat");
    assert_int_equal(audience.files.count, 2);
    assert_string_equal(audience.files.items[0], "e");
    assert_int_equal(audience.albums.count, 1);
    assert_int_equal(audience.everything.count, 1);
    assert_string_equal(audience.everything.items[0], "cat");
}

static void those_who_wait_are_part_of_it(void **state) {
    (void)state;
    struct sse_watches watches;
    struct sse_watch watch = {.owner_id = "ann", .file_id = "f"};
    _cleanup_(sse_audience_free) struct outbox_audience audience = {0};
    sse_watches_init(&watches);
    sse_watches_add(&watches, &watch);
    sse_audience_add_watches(&audience, &watches);
    sse_audience_finish(&audience);
    sse_watches_remove(&watches, &watch);
    sse_watches_destroy(&watches);
    assert_string_equal(audience.owners.items[0], "ann");
    assert_string_equal(audience.files.items[0], "f");
    assert_int_equal(audience.everything.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_once),
        cmocka_unit_test(those_who_wait_are_part_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
