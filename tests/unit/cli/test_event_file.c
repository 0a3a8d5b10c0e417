#include "cli/event_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define EVENT(key)                                                                                                     \
    "{\"Records\":[{\"eventName\":\"s3:ObjectCreated:Put\",\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"name\":"   \
    "\"b\"},"                                                                                                          \
    "\"object\":{\"key\":\"" key "\",\"size\":1}}}]}"

static bool split(const char *text, struct event_file *ret_file, struct error *err) {
    static struct buf bytes;
    buf_clear(&bytes);
    buf_append_text(&bytes, text);
    bool good = event_file_split(&bytes, ret_file, err);
    return good;
}

static void one_or_one_a_line(void **state) {
    (void)state;
    struct error err = {0};
    struct event_file file = {0};
    assert_true(split(EVENT("a") "\n", &file, &err));
    assert_int_equal(file.count, 1);
    assert_int_equal(file.events, 1);
    event_file_free(&file);
    assert_true(split(EVENT("a") "\n\n" EVENT("b") "\r\n" EVENT("c"), &file, &err));
    assert_int_equal(file.count, 3);
    assert_int_equal(file.events, 3);
    assert_memory_equal(file.items[2].bytes, EVENT("c"), file.items[2].length);
    event_file_free(&file);
}

static void all_of_it_must_be_understood(void **state) {
    (void)state;
    struct error err = {0};
    struct event_file file = {0};
    assert_false(split("", &file, &err));
    assert_false(split("nonsense", &file, &err));
    assert_int_equal(err.code, ERROR_MALFORMED_JSON);
    assert_false(split(EVENT("a") "\nnonsense\n", &file, &err));
    assert_memory_equal(err.message, "line 2: ", 8);
    assert_false(split("{\"Records\":[]}", &file, &err));
    assert_null(file.items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_or_one_a_line),
        cmocka_unit_test(all_of_it_must_be_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
