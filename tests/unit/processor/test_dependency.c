#include "processor/dependency.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* How many lines the log gets for these results: 'x' failed, '.' worked. */
static int lines_for(const char *results) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    int saved = dup(STDERR_FILENO);
    dup2(pipes[1], STDERR_FILENO);
    struct dependency dependency = {.name = "database"};
    struct error err = {0};
    error_set(&err, ERROR_DATABASE_UNAVAILABLE, "refused");
    for (const char *result = results; *result != '\0'; result++) {
        if (*result == 'x') {
            dependency_failed(&dependency, &err);
        } else {
            dependency_works(&dependency);
        }
    }
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(pipes[1]);
    char text[4096];
    ssize_t length = read(pipes[0], text, sizeof text);
    close(pipes[0]);
    int lines = 0;
    for (ssize_t i = 0; i < length; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

static void only_changes_are_told(void **state) {
    (void)state;
    assert_int_equal(lines_for("..."), 0);
    assert_int_equal(lines_for(".x"), 1);
    assert_int_equal(lines_for("xxxx"), 1);
    assert_int_equal(lines_for("xxx..."), 2);
    assert_int_equal(lines_for("x.x."), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_changes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
