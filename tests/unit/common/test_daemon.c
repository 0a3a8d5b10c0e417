#include "common/buf.h"
#include "common/daemon.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void print_numbers(FILE *out) {
    fputs("one two\n", out);
}

static const struct daemon_dump dumps[] = {{"numbers", print_numbers}, {"config", config_dump}, {NULL, NULL}};
static const struct daemon_program program = {
    .name = "sluice-api", .summary = "Signs uploads.", .settings = CONFIG_API, .dumps = dumps};

/* What a start with these arguments printed on both streams; 100 is the status of one that went on. */
static int run(char **arguments, char **ret_output) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        int count = 0;
        while (arguments[count] != NULL) {
            count++;
        }
        _cleanup_(config_freep) struct config *config = daemon_start(&program, count, arguments);
        _exit(config == NULL ? 101 : 100);
    }
    close(ends[1]);
    struct buf output = {0};
    for (ssize_t got = 1; got > 0;) {
        got = read(ends[0], buf_reserve(&output, 4096), 4096);
        output.length += got > 0 ? (size_t)got : 0;
    }
    buf_append(&output, "", 0);
    close(ends[0]);
    *ret_output = buf_take(&output);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_run(char *first, char *second, int status, const char *output) {
    char name[] = "sluice-api";
    char *arguments[] = {name, first, second, NULL};
    _cleanup_(freep) char *text = NULL;
    int got = run(arguments, &text);
    if (got != status || strcmp(text, output) != 0) {
        fail_msg("exit %d instead of %d, and:\n%s", got, status, text);
    }
}

/* Arguments must be writable. */
static char help[] = "--help", version[] = "--version", dump[] = "--dump", config_option[] = "--config",
            config_joined[] = "--config=/nonexistent", configured[] = "--configured";
static char numbers[] = "numbers", letters[] = "letters", foo[] = "--foo", word[] = "word", nowhere[] = "/nonexistent";

static void version_and_dumps(void **state) {
    (void)state;
    assert_run(version, NULL, 0, "sluice-api " SLUICE_VERSION "\n");
    assert_run(dump, numbers, 0, "one two\n");
}

static void help_comes_from_the_table_of_settings(void **state) {
    (void)state;
    char name[] = "sluice-api";
    char *arguments[] = {name, help, NULL};
    _cleanup_(freep) char *text = NULL;
    assert_int_equal(run(arguments, &text), 0);
    assert_memory_equal(text, "Usage: sluice-api ", 18);
    assert_non_null(strstr(text, "\nSigns uploads.\n"));
    assert_non_null(strstr(text, ": numbers config\n"));
    assert_non_null(strstr(text, "  SLUICE_LISTEN "));
    assert_null(strstr(text, "SLUICE_LEASE_S"));
}

static void wrong_arguments_are_one_line(void **state) {
    (void)state;
    assert_run(foo, NULL, EXIT_USAGE, "sluice-api: unknown option --foo (see --help)\n");
    assert_run(word, NULL, EXIT_USAGE, "sluice-api: unexpected argument word (see --help)\n");
    assert_run(dump, NULL, EXIT_USAGE, "sluice-api: a word must follow --dump (see --help)\n");
    assert_run(config_option, NULL, EXIT_USAGE, "sluice-api: a word must follow --config (see --help)\n");
    assert_run(configured, NULL, EXIT_USAGE, "sluice-api: unknown option --configured (see --help)\n");
    assert_run(dump, letters, EXIT_USAGE, "sluice-api: no such table: letters (see --help)\n");
}

static void wrong_settings_are_one_line(void **state) {
    (void)state;
    clearenv();
    assert_run(config_option, nowhere, EXIT_USAGE, "sluice-api: cannot open /nonexistent: No such file or directory\n");
    assert_run(config_joined, NULL, EXIT_USAGE, "sluice-api: cannot open /nonexistent: No such file or directory\n");
    assert_run(
        NULL, NULL, EXIT_USAGE,
        "sluice-api: SLUICE_DATABASE_URL is required: Postgres, e.g. postgresql://user:password@host:5432/sluice\n");
}

static void settings_are_loaded(void **state) {
    (void)state;
    clearenv();
    setenv("SLUICE_DATABASE_URL", "postgresql://localhost/sluice", 1);
    setenv("SLUICE_S3_ENDPOINT", "http://127.0.0.1:9000", 1);
    setenv("SLUICE_S3_BUCKET", "uploads", 1);
    setenv("SLUICE_S3_ACCESS_KEY", "access", 1);
    setenv("SLUICE_S3_SECRET_KEY", "secret", 1);
    assert_run(NULL, NULL, 100, "");
}

static void a_signal_asks_for_a_stop(void **state) {
    (void)state;
    daemon_catch_stop();
    assert_int_equal(raise(SIGPIPE), 0);
    assert_false(daemon_stopping());
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(daemon_stopping());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_and_dumps),
        cmocka_unit_test(help_comes_from_the_table_of_settings),
        cmocka_unit_test(wrong_arguments_are_one_line),
        cmocka_unit_test(wrong_settings_are_one_line),
        cmocka_unit_test(settings_are_loaded),
        cmocka_unit_test(a_signal_asks_for_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
