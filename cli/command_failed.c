#include "cli/commands.h"
#include "common/db.h"
#include "common/json.h"

#include <string.h>

enum { DEFAULT_LIMIT = 100, LIMIT_MAX = 1000000 };

/* Columns of FAILED_LIST, in order, as JSON names them. */
enum { FAILED_ID, FAILED_OWNER, FAILED_KIND, FAILED_NAME, FAILED_SIZE, FAILED_CODE, FAILED_MESSAGE, FAILED_ATTEMPTS };
static const struct {
    const char *name;
    bool is_number;
} columns[] = {
    {"file_id", false},    {"owner_id", false},      {"kind", false},    {"filename", false},  {"size", true},
    {"error_code", false}, {"error_message", false}, {"attempts", true}, {"failed_at", false},
};

static void print_json(const struct db_result *files, size_t row) {
    _cleanup_(json_freep) json_t *object = json_object();
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (columns[i].is_number && !db_is_null(files, row, i)) {
            json_set_int(object, columns[i].name, db_int(files, row, i));
        } else {
            json_set_text(object, columns[i].name, db_text(files, row, i));
        }
    }
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

static const char *text_of(const struct db_result *files, size_t row, size_t column) {
    const char *text = db_text(files, row, column);
    return text != NULL ? text : "-";
}

static void print_text(const struct db_result *files, size_t row) {
    printf("%s  %-20s %-16s %s", text_of(files, row, FAILED_ID), text_of(files, row, FAILED_CODE),
           text_of(files, row, FAILED_OWNER), text_of(files, row, FAILED_NAME));
    printf("  (%s; %lld attempt%s)\n", text_of(files, row, FAILED_MESSAGE),
           (long long)db_int(files, row, FAILED_ATTEMPTS), db_int(files, row, FAILED_ATTEMPTS) == 1 ? "" : "s");
}

bool command_failed_list(const struct config *config, const struct options *options, struct error *err) {
    int64_t limit = 0;
    if (!options_int(options, "limit", 1, LIMIT_MAX, DEFAULT_LIMIT, &limit, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, options_value(options, "owner"));
    db_param_text(&params, options_value(options, "code"));
    db_param_int(&params, limit);
    _cleanup_(db_result_freep) struct db_result *files = NULL;
    if (!db_run(db, SQL_FAILED_LIST, &params, &files, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(files); row++) {
        if (options_has(options, "json")) {
            print_json(files, row);
        } else {
            print_text(files, row);
        }
    }
    return true;
}
