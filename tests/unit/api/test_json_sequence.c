#include "api/json_sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Counts the texts and says where the reading ended. */
static size_t count(const char *text, size_t *ret_at) {
    size_t at = 0;
    size_t start = 0;
    size_t length = 0;
    size_t found = 0;
    while (json_sequence_next(text, strlen(text), &at, &start, &length)) {
        assert_true(length >= 2 && start + length == at);
        found++;
    }
    *ret_at = at;
    return found;
}

static void expect_all(const char *text, size_t expected) {
    size_t at = 0;
    assert_int_equal(count(text, &at), expected);
    assert_int_equal(at, strlen(text));
}

static void texts_are_told_apart_by_brackets(void **state) {
    (void)state;
    expect_all("{}", 1);
    expect_all("{}{}", 2);
    expect_all(" {\"a\":[1,{}]}\n[2]\r\n\t{} \n", 3);
    expect_all("{\"}\":\"]\\\"}\"}[]", 2);
    expect_all("", 0);
    expect_all(" \n", 0);
}

static void anything_else_stops_the_reading(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t found;
    } cases[] = {{"{} x", 1}, {"{", 0},      {"}", 0},   {"1", 0},  {"\"a\"", 0},
                 {"{\"", 0},  {"{}{\"a", 1}, {"[]]", 1}, {"{}}", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t at = 0;
        assert_int_equal(count(cases[i].text, &at), cases[i].found);
        assert_true(at < strlen(cases[i].text));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_told_apart_by_brackets),
        cmocka_unit_test(anything_else_stops_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
