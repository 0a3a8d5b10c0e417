#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct option_spec specs[] = {
    {"owner", 0, "OWNER", true, ""},
    {"jobs", 'j', "N", false, ""},
    {"json", 0, NULL, false, ""},
    {NULL, 0, NULL, false, NULL},
};
static const struct option_spec common_specs[] = {
    {"help", 'h', NULL, false, ""},
    {NULL, 0, NULL, false, NULL},
};

enum { WORDS_MAX = 8 };

/* Splits a line at blanks, since that is how people write them. */
static bool parse(const char *line, struct options *ret_options, struct error *err) {
    static char text[200];
    static char *words[WORDS_MAX + 1];
    int count = 0;
    snprintf(text, sizeof text, "%s", line);
    char *rest = text;
    for (char *word = strsep(&rest, " "); word != NULL && count < WORDS_MAX; word = strsep(&rest, " ")) {
        words[count++] = word;
    }
    words[count] = NULL;
    return options_parse(specs, common_specs, count, words, ret_options, err);
}

static void options_and_arguments_come_in_any_order(void **state) {
    (void)state;
    _cleanup_(options_free) struct options options = {0};
    assert_true(parse("one --owner me two -j 3 --json -", &options, NULL));
    assert_string_equal(options_value(&options, "owner"), "me");
    assert_string_equal(options_value(&options, "jobs"), "3");
    assert_true(options_has(&options, "json"));
    assert_false(options_has(&options, "help"));
    assert_int_equal(options.argument_count, 3);
    assert_string_equal(options.arguments[1], "two");
    assert_string_equal(options.arguments[2], "-");
}

static void a_value_may_be_attached(void **state) {
    (void)state;
    _cleanup_(options_free) struct options options = {0};
    assert_true(parse("--owner=a=b --jobs=", &options, NULL));
    assert_string_equal(options_value(&options, "owner"), "a=b");
    assert_string_equal(options_value(&options, "jobs"), "");
    _cleanup_(options_free) struct options short_form = {0};
    assert_true(parse("-j3", &short_form, NULL));
    assert_string_equal(options_value(&short_form, "jobs"), "3");
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    _cleanup_(options_free) struct options options = {0};
    assert_true(parse("--json -- --owner -j", &options, NULL));
    assert_int_equal(options.argument_count, 2);
    assert_string_equal(options.arguments[0], "--owner");
}

static void wrong_lines_are_refused(void **state) {
    (void)state;
    const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"--nope", "unknown option --nope"},
        {"--nope=1", "unknown option --nope"},
        {"-x", "unknown option -x"},
        {"-h3", "unknown option -h3"},
        {"--own me", "unknown option --own"},
        {"--owner", "option --owner needs a value: OWNER"},
        {"-j", "option --jobs needs a value: N"},
        {"--json=1", "option --json takes no value"},
        {"--json --json", "option --json is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options = {0};
        struct error err = {0};
        assert_false(parse(cases[i].line, &options, &err));
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_null(options.arguments);
    }
}

static void a_required_option_is_missed(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(options_free) struct options without = {0};
    assert_true(parse("--json", &without, NULL));
    assert_false(options_complete(specs, &without, &err));
    assert_string_equal(err.message, "option --owner OWNER is required");
    _cleanup_(options_free) struct options with = {0};
    assert_true(parse("--owner me", &with, NULL));
    assert_true(options_complete(specs, &with, &err));
}

static void numbers_are_checked(void **state) {
    (void)state;
    int64_t number = 0;
    _cleanup_(options_free) struct options good = {0};
    assert_true(parse("-j 8", &good, NULL));
    assert_true(options_int(&good, "jobs", 1, 8, 4, &number, NULL));
    assert_int_equal(number, 8);
    assert_true(options_int(&good, "owner", 1, 8, 4, &number, NULL));
    assert_int_equal(number, 4);
    const char *const bad[] = {"-j 9", "-j 0", "-j x", "-j -1", "--jobs="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = {0};
        _cleanup_(options_free) struct options options = {0};
        assert_true(parse(bad[i], &options, NULL));
        assert_false(options_int(&options, "jobs", 1, 8, 4, &number, &err));
        assert_string_equal(err.message, "option --jobs must be an integer from 1 to 8");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_arguments_come_in_any_order),
        cmocka_unit_test(a_value_may_be_attached),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(a_required_option_is_missed),
        cmocka_unit_test(numbers_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
