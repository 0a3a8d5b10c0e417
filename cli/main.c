/* sluice: the command line for operators and for uploading by hand. */
#include "cli/commands.h"
#include "common/log.h"

#include <signal.h>
#include <string.h>

enum { EXIT_WRONG_USAGE = 2 };

static int fail(const struct error *err) {
    fprintf(stderr, "%s: %s\n", PROGRAM_NAME, err->message);
    return err->code == ERROR_CONFIG ? EXIT_WRONG_USAGE : EXIT_FAILURE;
}

static int fail_command(int argc, char *const *argv) {
    if (argc == 0) {
        fprintf(stderr, "%s: which command? See %s --help\n", PROGRAM_NAME, PROGRAM_NAME);
    } else if (command_is_group(argv[0])) {
        if (argc == 2 && strcmp(argv[1], "--help") == 0) {
            command_help_all(stdout, argv[0]);
            return EXIT_SUCCESS;
        }
        fprintf(stderr, "%s: %s what? See %s %s --help\n", PROGRAM_NAME, argv[0], PROGRAM_NAME, argv[0]);
    } else {
        fprintf(stderr, "%s: unknown %s %.60s; see %s --help\n", PROGRAM_NAME, argv[0][0] == '-' ? "option" : "command",
                argv[0], PROGRAM_NAME);
    }
    return EXIT_WRONG_USAGE;
}

static int run(const struct command *command, const char *config_file, const struct options *options) {
    struct error err = {0};
    _cleanup_(config_freep) struct config *config = NULL;
    if (!config_load(command->settings, config_file, &config, &err)) {
        return fail(&err);
    }
    if (!command->run(config, options, &err)) {
        return fail(&err);
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        error_set(&err, ERROR_INTERNAL, "cannot write to standard output");
        return fail(&err);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    const char *config_file = NULL;
    int first = 1;
    while (first < argc && argv[first][0] == '-') {
        if (strcmp(argv[first], "--help") == 0 || strcmp(argv[first], "-h") == 0) {
            command_help_all(stdout, NULL);
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[first], "--version") == 0) {
            printf("%s %s\n", PROGRAM_NAME, SLUICE_VERSION);
            return EXIT_SUCCESS;
        }
        static const char with_value[] = "--config=";
        if (strncmp(argv[first], with_value, sizeof with_value - 1) == 0) {
            config_file = argv[first++] + sizeof with_value - 1;
            continue;
        }
        if (strcmp(argv[first], "--config") != 0 || first + 1 >= argc) {
            break;
        }
        config_file = argv[first + 1];
        first += 2;
    }
    int words = 0;
    const struct command *command = command_find(argc - first, argv + first, &words);
    if (command == NULL) {
        return fail_command(argc - first, argv + first);
    }
    struct error err = {0};
    _cleanup_(options_free) struct options options = {0};
    if (!command_parse(command, argc - first - words, argv + first + words, &options, &err)) {
        return fail(&err);
    }
    if (options_has(&options, "help")) {
        command_help(stdout, command);
        return EXIT_SUCCESS;
    }
    if (options_has(&options, "config")) {
        config_file = options_value(&options, "config");
    }
    return run(command, config_file, &options);
}
