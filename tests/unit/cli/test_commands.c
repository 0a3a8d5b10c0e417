#include "cli/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_command_is_found_by_its_words(void **state) {
    (void)state;
    for (const struct command *command = commands; command->name != NULL; command++) {
        char name[40];
        snprintf(name, sizeof name, "%s", command->name);
        char *second = strchr(name, ' ');
        if (second != NULL) {
            *second++ = '\0';
        }
        char *words[] = {name, second != NULL ? second : "--json", "--help", NULL};
        int used = 0;
        assert_ptr_equal(command_find(3, words, &used), command);
        assert_int_equal(used, second != NULL ? 2 : 1);
    }
}

static void first_words_of_two_are_groups(void **state) {
    (void)state;
    assert_true(command_is_group("key"));
    assert_true(command_is_group("dead"));
    assert_true(command_is_group("failed"));
    assert_true(command_is_group("events"));
    assert_false(command_is_group("migrate"));
    assert_false(command_is_group("ke"));
    assert_false(command_is_group(""));
}

static void other_words_find_nothing(void **state) {
    (void)state;
    char *lines[][3] = {{"nope", NULL}, {"key", NULL},      {"key", "nope", NULL},
                        {"mig", NULL},  {"migrates", NULL}, {"", NULL}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        int used = 0;
        int count = lines[i][1] == NULL ? 1 : 2;
        assert_null(command_find(count, lines[i], &used));
    }
}

static void every_command_is_told_of(void **state) {
    (void)state;
    for (const struct command *command = commands; command->name != NULL; command++) {
        assert_true(strlen(command->help) > 10 && strchr(command->help, '\n') == NULL);
        assert_non_null(command->run);
        assert_int_not_equal(command->settings, 0);
        assert_true(command->max_arguments == 0 || *command->arguments != '\0');
        for (const struct option_spec *option = command->options; option->name != NULL; option++) {
            assert_true(*option->help != '\0');
        }
    }
}

static bool parse(const char *first, char **rest, int count, struct error *err) {
    char *words[] = {(char *)first, NULL};
    int used = 0;
    _cleanup_(options_free) struct options options = {0};
    const struct command *command = command_find(1, words, &used);
    assert_non_null(command);
    return command_parse(command, count, rest, &options, err);
}

static void arguments_are_counted(void **state) {
    (void)state;
    struct error err = {0};
    char *one[] = {"one", NULL};
    char *help[] = {"--help", NULL};
    assert_false(parse("migrate", one, 1, &err));
    assert_string_equal(err.message, "migrate: unexpected argument one");
    assert_false(parse("get", one + 1, 0, &err));
    assert_string_equal(err.message, "get needs ID");
    assert_true(parse("get", one, 1, &err));
    assert_true(parse("get", help, 1, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_found_by_its_words),
        cmocka_unit_test(first_words_of_two_are_groups),
        cmocka_unit_test(other_words_find_nothing),
        cmocka_unit_test(every_command_is_told_of),
        cmocka_unit_test(arguments_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
