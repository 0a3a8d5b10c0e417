#include "common/daemon.h"

#include "common/log.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct arguments {
    const char *config_file; /* NULL: none */
};

static void print_help(const struct daemon_program *program) {
    printf("Usage: %s [--config FILE]\n       %s --help | --version | --dump TABLE\n\n%s\n\n", program->name,
           program->name, program->summary);
    fputs("  --config FILE  read settings from a file of NAME=VALUE lines; the environment goes first\n"
          "  --dump TABLE   print a built-in table as Markdown:",
          stdout);
    for (const struct daemon_dump *dump = program->dumps; dump->name != NULL; dump++) {
        printf(" %s", dump->name);
    }
    fputs("\n  --help         print this\n"
          "  --version      print the version\n\n",
          stdout);
    config_help(stdout, program->settings);
}

__attribute__((noreturn)) static void usage_error(const struct daemon_program *program, const char *problem,
                                                  const char *word) {
    fprintf(stderr, "%s: %s %s (see --help)\n", program->name, problem, word);
    exit(EXIT_USAGE);
}

/* What was printed must have arrived: a full disk is a failure. */
__attribute__((noreturn)) static void exit_printed(const struct daemon_program *program) {
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "%s: cannot write to standard output\n", program->name);
        exit(EXIT_FAILURE);
    }
    exit(EXIT_SUCCESS);
}

__attribute__((noreturn)) static void print_dump(const struct daemon_program *program, const char *name) {
    for (const struct daemon_dump *dump = program->dumps; dump->name != NULL; dump++) {
        if (strcmp(dump->name, name) == 0) {
            dump->print(stdout);
            exit_printed(program);
        }
    }
    usage_error(program, "no such table:", name);
}

/* `--name` or `--name=value`. */
static bool is_option(const char *text, const char *name) {
    size_t length = strlen(name);
    return strncmp(text, name, length) == 0 && (text[length] == '\0' || text[length] == '=');
}

static void parse_argument(const struct daemon_program *program, char **argv, int *index, struct arguments *arguments) {
    const char *option = argv[*index];
    if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
        print_help(program);
        exit_printed(program);
    }
    if (strcmp(option, "--version") == 0) {
        printf("%s %s\n", program->name, SLUICE_VERSION);
        exit_printed(program);
    }
    if (!is_option(option, "--config") && !is_option(option, "--dump")) {
        usage_error(program, *option == '-' ? "unknown option" : "unexpected argument", option);
    }
    const char *equals = strchr(option, '=');
    const char *value = equals != NULL ? equals + 1 : argv[++*index];
    if (value == NULL) {
        usage_error(program, "a word must follow", option);
    }
    if (is_option(option, "--dump")) {
        print_dump(program, value);
    }
    arguments->config_file = value;
}

static enum log_level level_of(const char *word) {
    static const char *const words[] = {"debug", "info", "warn", "error"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], word) == 0) {
            return (enum log_level)i;
        }
    }
    return LOG_INFO;
}

/* The soft limit is 1,024 for the sake of select(2), which nothing here uses: a connection and a live stream is one each. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

struct config *daemon_start(const struct daemon_program *program, int argc, char **argv) {
    struct arguments arguments = {0};
    for (int i = 1; i < argc; i++) {
        parse_argument(program, argv, &i, &arguments);
    }
    struct config *config = NULL;
    struct error err = {0};
    if (!config_load(program->settings, arguments.config_file, &config, &err)) {
        fprintf(stderr, "%s: %s\n", program->name, err.message);
        exit(EXIT_USAGE);
    }
    log_configure(program->name, level_of(config->log_level),
                  strcmp(config->log_format, "json") == 0 ? LOG_JSON : LOG_LOGFMT);
    raise_descriptor_limit();
    return config;
}

/* Lock-free, so that a signal handler may set it and any thread may read it. */
static atomic_bool stop_asked;

static void ask_for_stop(int signal_number) {
    (void)signal_number;
    atomic_store(&stop_asked, true);
}

void daemon_catch_stop(void) {
    /* No SA_RESTART: a sleep or a wait ends at once. */
    struct sigaction stop = {.sa_handler = ask_for_stop};
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool daemon_stopping(void) {
    return atomic_load(&stop_asked);
}

void daemon_stop(void) {
    atomic_store(&stop_asked, true);
}
