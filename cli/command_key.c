#include "cli/commands.h"
#include "common/api_key.h"
#include "common/db.h"
#include "common/id.h"
#include "common/json.h"
#include "common/text_list.h"
#include "common/type_list.h"

#include <string.h>

static bool is_scope(const char *word) {
    static const char *const scopes[] = {"upload", "read", "admin"};
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        if (strcmp(scopes[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_scopes(struct db_params *params, const char *text, struct error *err) {
    _cleanup_(text_list_free) struct text_list scopes = {0};
    text_list_split(text, ',', &scopes);
    if (scopes.count == 0) {
        return error_set(err, ERROR_CONFIG, "option --scopes needs at least one of: upload, read, admin");
    }
    db_array_start(params);
    for (size_t i = 0; i < scopes.count; i++) {
        if (!is_scope(scopes.items[i])) {
            return error_set(err, ERROR_CONFIG, "unknown scope %.40s; there are: upload, read, admin", scopes.items[i]);
        }
        db_array_add_text(params, scopes.items[i]);
    }
    db_array_end(params);
    return true;
}

enum { RATE_MAX = 6000000 };

/* $6, $7, $8 of API_KEY_CREATE: NULL where nothing is said. */
static bool add_limits(struct db_params *params, const struct options *options, struct error *err) {
    const char *bytes = options_value(options, "max-bytes");
    const char *types = options_value(options, "types");
    int64_t rate = 0;
    int64_t max_bytes = 0;
    if (!options_int(options, "rate-limit", 0, RATE_MAX, -1, &rate, err)) {
        return false;
    }
    if (bytes != NULL && !config_parse_bytes(bytes, 1, INT64_MAX, &max_bytes)) {
        return error_set(err, ERROR_CONFIG,
                         "option --max-bytes needs a number of bytes (KiB, MiB and GiB are understood)");
    }
    if (types != NULL && (!type_list_valid(types) || *types == '\0' || strlen(types) >= TYPE_LIST_SIZE)) {
        return error_set(err, ERROR_CONFIG, "option --types needs media types such as image/*,application/pdf");
    }
    if (rate < 0) {
        db_param_text(params, NULL);
    } else {
        db_param_int(params, rate);
    }
    if (bytes == NULL) {
        db_param_text(params, NULL);
    } else {
        db_param_int(params, max_bytes);
    }
    db_param_text(params, types);
    return true;
}

static void print_key(const struct options *options, const char *id, const char *key) {
    if (!options_has(options, "json")) {
        printf("id   %s\nkey  %s\n\nThe key is shown this once; Sluice keeps only its hash.\n", id, key);
        return;
    }
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, "id", id);
    json_set_text(object, "key", key);
    json_set_text(object, "owner_id", options_value(options, "owner"));
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

bool command_key_create(const struct config *config, const struct options *options, struct error *err) {
    const char *owner = options_value(options, "owner");
    const char *name = options_value(options, "name");
    if (*owner == '\0') {
        return error_set(err, ERROR_CONFIG, "option --owner must not be empty");
    }
    char id[ID_TEXT_SIZE];
    char key[API_KEY_TEXT_SIZE];
    unsigned char hash[SHA256_SIZE];
    id_new(id);
    api_key_new(key);
    api_key_hash(key, hash);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, id);
    db_param_bytes(&params, hash, sizeof hash);
    db_param_text(&params, owner);
    db_param_text(&params, name == NULL ? "" : name);
    if (!add_scopes(&params, options_value(options, "scopes"), err) || !add_limits(&params, options, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!db_execute(db, SQL_API_KEY_CREATE, &params, err)) {
        return false;
    }
    print_key(options, id, key);
    return true;
}

/* Columns of API_KEY_LIST, in order, as JSON names them. */
enum { KEY_ID, KEY_OWNER, KEY_NAME, KEY_SCOPES, KEY_CREATED, KEY_LAST_USED, KEY_REVOKED };
static const char *const key_columns[] = {"id",         "owner_id",     "name",      "scopes",
                                          "created_at", "last_used_at", "revoked_at"};
enum { KEY_RATE_LIMIT = KEY_REVOKED + 1, KEY_MAX_BYTES, KEY_TYPES };

/* null where the settings decide. */
static void set_number(json_t *object, const char *name, const struct db_result *keys, size_t row, size_t column) {
    if (db_is_null(keys, row, column)) {
        json_set(object, name, NULL);
    } else {
        json_set_int(object, name, db_int(keys, row, column));
    }
}

static json_t *scopes_array(const char *text) {
    _cleanup_(text_list_free) struct text_list scopes = {0};
    text_list_split(text, ',', &scopes);
    json_t *array = json_array();
    for (size_t i = 0; i < scopes.count; i++) {
        json_array_append_new(array, json_string(scopes.items[i]));
    }
    return array;
}

static void print_row_json(const struct db_result *keys, size_t row) {
    _cleanup_(json_freep) json_t *object = json_object();
    for (size_t i = 0; i < sizeof key_columns / sizeof key_columns[0]; i++) {
        json_set_text(object, key_columns[i], db_text(keys, row, i));
    }
    json_set(object, "scopes", scopes_array(db_text(keys, row, KEY_SCOPES)));
    set_number(object, "rate_limit", keys, row, KEY_RATE_LIMIT);
    set_number(object, "max_bytes", keys, row, KEY_MAX_BYTES);
    json_set_text(object, "types", db_text(keys, row, KEY_TYPES));
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

static void print_row(const struct db_result *keys, size_t row) {
    const char *last_used = db_text(keys, row, KEY_LAST_USED);
    const char *revoked = db_text(keys, row, KEY_REVOKED);
    printf("%s  %-16s %-18s made %.10s", db_text(keys, row, KEY_ID), db_text(keys, row, KEY_OWNER),
           db_text(keys, row, KEY_SCOPES), db_text(keys, row, KEY_CREATED));
    printf(", %s%.10s", last_used != NULL ? "last used " : "never used", last_used != NULL ? last_used : "");
    if (!db_is_null(keys, row, KEY_RATE_LIMIT)) {
        printf(", %s requests a minute", db_text(keys, row, KEY_RATE_LIMIT));
    }
    if (!db_is_null(keys, row, KEY_MAX_BYTES)) {
        printf(", files of %s bytes", db_text(keys, row, KEY_MAX_BYTES));
    }
    if (!db_is_null(keys, row, KEY_TYPES)) {
        printf(", %s", db_text(keys, row, KEY_TYPES));
    }
    printf("%s%.10s  %s\n", revoked != NULL ? ", revoked " : "", revoked != NULL ? revoked : "",
           db_text(keys, row, KEY_NAME));
}

bool command_key_list(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_result_freep) struct db_result *keys = NULL;
    if (!db_run(db, SQL_API_KEY_LIST, NULL, &keys, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(keys); row++) {
        if (options_has(options, "json")) {
            print_row_json(keys, row);
        } else {
            print_row(keys, row);
        }
    }
    return true;
}

bool command_key_revoke(const struct config *config, const struct options *options, struct error *err) {
    const char *id = options->arguments[0];
    if (!id_valid(id)) {
        return error_set(err, ERROR_CONFIG, "%.60s is not the id of a key; see %s key list", id, PROGRAM_NAME);
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, id);
    _cleanup_(db_result_freep) struct db_result *revoked = NULL;
    if (!db_run(db, SQL_API_KEY_REVOKE, &params, &revoked, err)) {
        return false;
    }
    if (db_rows(revoked) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no key %s", id);
    }
    printf("revoked %s\n", id);
    return true;
}
