/* Quotas of owners, and what they use. */

#include "cli/commands.h"
#include "common/db.h"
#include "common/json.h"
#include "common/usage_store.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <string.h>

enum { OWNER_MAX = 255, PENDING_MAX = 1000000 };

/* Columns of OWNER_LIST, as JSON names them. */
enum { OWNER_ID, OWNER_MAX_BYTES, OWNER_MAX_PENDING, OWNER_BYTES, OWNER_PENDING, OWNER_KEYS };
static const char *const columns[] = {"owner_id", "max_bytes", "max_pending", "bytes", "pending", "keys"};

static void print_json(const struct db_result *owners, size_t row) {
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, columns[OWNER_ID], db_text(owners, row, OWNER_ID));
    for (size_t i = OWNER_MAX_BYTES; i <= OWNER_KEYS; i++) {
        if (db_is_null(owners, row, i)) {
            json_set(object, columns[i], NULL);
        } else {
            json_set_int(object, columns[i], db_int(owners, row, i));
        }
    }
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

static const char *limit_text(const struct db_result *owners, size_t row, size_t column) {
    const char *text = db_text(owners, row, column);
    return text == NULL ? "the default" : strcmp(text, "0") == 0 ? "any number" : text;
}

static void print_text(const struct db_result *owners, size_t row) {
    const char *bytes = db_text(owners, row, OWNER_BYTES);
    printf("%-24s %s bytes of %s", db_text(owners, row, OWNER_ID), bytes == NULL ? "not counted" : bytes,
           limit_text(owners, row, OWNER_MAX_BYTES));
    printf(", %s pending of %s, %s keys\n", db_text(owners, row, OWNER_PENDING),
           limit_text(owners, row, OWNER_MAX_PENDING), db_text(owners, row, OWNER_KEYS));
}

/* owner NULL: all of them. */
static bool print_owners(struct db *db, const char *owner, bool as_json, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *owners = NULL;
    db_param_text(&params, owner);
    if (!db_run(db, SQL_OWNER_LIST, &params, &owners, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(owners); row++) {
        (as_json ? print_json : print_text)(owners, row);
    }
    return db_rows(owners) > 0 || owner == NULL || error_set(err, ERROR_NOT_FOUND, "there is no owner %.100s", owner);
}

/* A limit of OWNER_SET: whether it is given, and what it is. */
static bool add_limit(struct db_params *params, const struct options *options, const char *name, int64_t maximum,
                      struct error *err) {
    const char *value = options_value(options, name);
    int64_t limit = 0;
    db_param_bool(params, value != NULL);
    if (value == NULL || strcmp(value, "default") == 0) {
        db_param_text(params, NULL);
        return true;
    }
    if (!config_parse_bytes(value, 0, maximum, &limit)) {
        return error_set(err, ERROR_CONFIG, "option --%s needs a number up to %" PRId64 ", or `default`", name,
                         maximum);
    }
    db_param_int(params, limit);
    return true;
}

bool command_owner_set(const struct config *config, const struct options *options, struct error *err) {
    const char *owner = options->arguments[0];
    if (*owner == '\0' || strlen(owner) > OWNER_MAX) {
        return error_set(err, ERROR_CONFIG, "an owner has 1 to %d bytes", OWNER_MAX);
    }
    if (!options_has(options, "max-bytes") && !options_has(options, "max-pending")) {
        return error_set(err, ERROR_CONFIG, "owner set needs --max-bytes or --max-pending");
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner);
    if (!add_limit(&params, options, "max-bytes", INT64_MAX, err) ||
        !add_limit(&params, options, "max-pending", PENDING_MAX, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    return db_execute(db, SQL_OWNER_SET, &params, err) && usage_start(db, owner, err) &&
           print_owners(db, owner, options_has(options, "json"), err);
}

bool command_owner_show(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    return print_owners(db, options->arguments[0], options_has(options, "json"), err);
}

bool command_owner_list(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    return print_owners(db, NULL, options_has(options, "json"), err);
}

static bool recount(struct db *db, const char *owner, bool as_json, struct error *err) {
    struct usage before = {0};
    struct usage now = {0};
    if (!usage_start(db, owner, err) || !usage_recount(db, owner, &before, &now, err)) {
        return error_prefix(err, "owner %.100s", owner);
    }
    if (!as_json) {
        printf("%-24s %" PRId64 " bytes, %" PRId64 " before\n", owner, now.bytes, before.bytes);
        return true;
    }
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, "owner_id", owner);
    json_set_int(object, "bytes", now.bytes);
    json_set_int(object, "before", before.bytes);
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
    return true;
}

static bool recount_all(struct db *db, bool as_json, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *owners = NULL;
    db_param_text(&params, NULL);
    if (!db_run(db, SQL_OWNER_LIST, &params, &owners, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(owners); row++) {
        if (!db_is_null(owners, row, OWNER_BYTES) && !recount(db, db_text(owners, row, OWNER_ID), as_json, err)) {
            return false;
        }
    }
    return true;
}

bool command_owner_recount(const struct config *config, const struct options *options, struct error *err) {
    bool all = options_has(options, "all");
    bool as_json = options_has(options, "json");
    if (all == (options->argument_count > 0)) {
        return error_set(err, ERROR_CONFIG, "owner recount needs either owners or --all");
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    for (size_t i = 0; i < options->argument_count; i++) {
        if (!recount(db, options->arguments[i], as_json, err)) {
            return false;
        }
    }
    return !all || recount_all(db, as_json, err);
}
