#include "cli/options.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

static const struct option_spec *spec_named(const struct option_spec *specs, const char *name, size_t length) {
    for (; specs->name != NULL; specs++) {
        if (strlen(specs->name) == length && memcmp(specs->name, name, length) == 0) {
            return specs;
        }
    }
    return NULL;
}

const char *options_value(const struct options *options, const char *name) {
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->names[i], name) == 0) {
            return options->values[i];
        }
    }
    return NULL;
}

bool options_has(const struct options *options, const char *name) {
    return options_value(options, name) != NULL;
}

static bool add_option(struct options *options, const struct option_spec *spec, const char *value, struct error *err) {
    if (options_has(options, spec->name)) {
        return error_set(err, ERROR_CONFIG, "option --%s is given twice", spec->name);
    }
    if (options->count == OPTIONS_MAX) {
        return error_set(err, ERROR_CONFIG, "too many options");
    }
    options->names[options->count] = spec->name;
    options->values[options->count++] = value;
    return true;
}

/* The option of `-n` or `-nvalue`. */
static const struct option_spec *spec_lettered(const struct option_spec *specs, const char *word,
                                               const char **ret_attached) {
    for (; specs->name != NULL; specs++) {
        bool whole = word[2] == '\0';
        if (specs->letter != '\0' && word[1] == specs->letter && (whole || specs->value != NULL)) {
            *ret_attached = whole ? NULL : word + 2;
            return specs;
        }
    }
    return NULL;
}

/* The option that a word names; ret_attached is the value in the same word, or NULL. */
static const struct option_spec *spec_of(const struct option_spec *specs, const char *word, const char **ret_attached) {
    if (word[1] != '-') {
        return spec_lettered(specs, word, ret_attached);
    }
    size_t length = strcspn(word, "=");
    *ret_attached = word[length] == '=' ? word + length + 1 : NULL;
    return spec_named(specs, word + 2, length - 2);
}

/* Reads the option at argv[*index] and moves the index past what it used. */
static bool parse_option(const struct option_spec *specs, const struct option_spec *common_specs, char *const *argv,
                         int *index, struct options *options, struct error *err) {
    const char *word = argv[*index];
    const char *attached = NULL;
    const struct option_spec *spec = spec_of(specs, word, &attached);
    if (spec == NULL) {
        spec = spec_of(common_specs, word, &attached);
    }
    if (spec == NULL) {
        size_t length = strcspn(word, "=");
        return error_set(err, ERROR_CONFIG, "unknown option %.*s", (int)(length > 60 ? 60 : length), word);
    }
    if (spec->value == NULL) {
        *index += 1;
        return attached != NULL ? error_set(err, ERROR_CONFIG, "option --%s takes no value", spec->name)
                                : add_option(options, spec, "", err);
    }
    const char *value = attached != NULL ? attached : argv[*index + 1];
    if (value == NULL) {
        return error_set(err, ERROR_CONFIG, "option --%s needs a value: %s", spec->name, spec->value);
    }
    *index += attached != NULL ? 1 : 2;
    return add_option(options, spec, value, err);
}

bool options_parse(const struct option_spec *specs, const struct option_spec *common_specs, int argc, char *const *argv,
                   struct options *ret_options, struct error *err) {
    _cleanup_(options_free) struct options options = {.arguments = xcalloc((size_t)argc + 1, sizeof(char *))};
    bool only_arguments = false;
    for (int i = 0; i < argc;) {
        const char *word = argv[i];
        if (!only_arguments && strcmp(word, "--") == 0) {
            only_arguments = true;
            i++;
        } else if (!only_arguments && word[0] == '-' && word[1] != '\0') {
            if (!parse_option(specs, common_specs, argv, &i, &options, err)) {
                return false;
            }
        } else {
            options.arguments[options.argument_count++] = word;
            i++;
        }
    }
    *ret_options = options;
    options.arguments = NULL;
    return true;
}

void options_free(struct options *options) {
    free(options->arguments);
    *options = (struct options){0};
}

bool options_complete(const struct option_spec *specs, const struct options *options, struct error *err) {
    for (; specs->name != NULL; specs++) {
        if (specs->required && !options_has(options, specs->name)) {
            return error_set(err, ERROR_CONFIG, "option --%s %s is required", specs->name, specs->value);
        }
    }
    return true;
}

bool options_int(const struct options *options, const char *name, int64_t minimum, int64_t maximum, int64_t absent,
                 int64_t *ret_number, struct error *err) {
    const char *value = options_value(options, name);
    if (value == NULL) {
        *ret_number = absent;
        return true;
    }
    return parse_int64(value, minimum, maximum, ret_number) ||
           error_set(err, ERROR_CONFIG, "option --%s must be an integer from %lld to %lld", name, (long long)minimum,
                     (long long)maximum);
}
