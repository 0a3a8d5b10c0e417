/* The options and arguments of one command, read by its table. Pure. */
#ifndef SLUICE_CLI_OPTIONS_H
#define SLUICE_CLI_OPTIONS_H

#include "common/error.h"

#include <stdint.h>

struct option_spec {
    const char *name;  /* without the dashes; NULL ends a table */
    char letter;       /* its short form; 0: none */
    const char *value; /* what --help calls its value; NULL: it takes none */
    bool required;
    const char *help;
};

enum { OPTIONS_MAX = 24 };

/* What was given. Texts are those of argv. */
struct options {
    size_t count;
    const char *names[OPTIONS_MAX];
    const char *values[OPTIONS_MAX]; /* "" for an option without a value */
    size_t argument_count;
    const char **arguments; /* ends with NULL */
};

/* Reads `--name value`, `--name=value`, `--name`, `-n value`, `-nvalue`, `-n` and arguments in any order; after `--` only arguments. The options are
 * those of either table. Fails with ERROR_CONFIG for an unknown or repeated option and for a missing or unwanted value. */
bool options_parse(const struct option_spec *specs, const struct option_spec *common_specs, int argc, char *const *argv,
                   struct options *ret_options, struct error *err) MUST_CHECK;
void options_free(struct options *options);

/* ERROR_CONFIG when a required option is missing. */
bool options_complete(const struct option_spec *specs, const struct options *options, struct error *err) MUST_CHECK;

/* The option's value, NULL when it was not given. */
const char *options_value(const struct options *options, const char *name);
bool options_has(const struct options *options, const char *name);

/* The option's value as an integer, `absent` when it was not given; ERROR_CONFIG when it is not within the limits. */
bool options_int(const struct options *options, const char *name, int64_t minimum, int64_t maximum, int64_t absent,
                 int64_t *ret_number, struct error *err) MUST_CHECK;

#endif
