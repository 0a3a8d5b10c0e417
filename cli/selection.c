#include "cli/selection.h"

bool selection_check(const struct options *options, bool (*is_id)(const char *text), const char *what,
                     struct error *err) {
    bool all = options_has(options, "all");
    if (all == (options->argument_count > 0)) {
        return error_set(err, ERROR_CONFIG,
                         all ? "--all leaves no room for ids" : "which ones? Name ids, or say --all");
    }
    for (size_t i = 0; i < options->argument_count; i++) {
        if (!is_id(options->arguments[i])) {
            return error_set(err, ERROR_CONFIG, "%.60s is not the id of %s", options->arguments[i], what);
        }
    }
    return true;
}
