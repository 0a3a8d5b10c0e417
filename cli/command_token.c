#include "cli/commands.h"
#include "common/json.h"
#include "common/text_list.h"
#include "common/upload_token_store.h"

#include <string.h>

static bool read_patterns(const char *text, struct upload_token_draft *draft, struct error *err) {
    _cleanup_(text_list_free) struct text_list types = {0};
    text_list_split(text == NULL ? "" : text, ',', &types);
    if (types.count > UPLOAD_TOKEN_TYPES_MAX) {
        return error_set(err, ERROR_CONFIG, "option --content-types takes at most %d", UPLOAD_TOKEN_TYPES_MAX);
    }
    for (size_t i = 0; i < types.count; i++) {
        if (!upload_token_pattern(types.items[i], draft->patterns[i])) {
            return error_set(err, ERROR_CONFIG, "%.60s is no type like image/png or image/*", types.items[i]);
        }
    }
    draft->pattern_count = types.count;
    return true;
}

static bool read_draft(const struct options *options, struct upload_token_draft *draft, struct error *err) {
    draft->owner_id = options_value(options, "owner");
    draft->name = options_value(options, "name");
    if (*draft->owner_id == '\0') {
        return error_set(err, ERROR_CONFIG, "option --owner must not be empty");
    }
    return options_int(options, "expires-in", 1, UPLOAD_TOKEN_EXPIRES_MAX_S, UPLOAD_TOKEN_EXPIRES_S,
                       &draft->expires_in_s, err) &&
           options_int(options, "max-uploads", 1, UPLOAD_TOKEN_UPLOADS_MAX, -1, &draft->max_uploads, err) &&
           options_int(options, "max-bytes", 1, INT64_MAX, -1, &draft->max_bytes, err) &&
           read_patterns(options_value(options, "content-types"), draft, err);
}

static void print_token(const struct options *options, const struct upload_token_draft *draft, const char *token,
                        const char *expires_at) {
    if (!options_has(options, "json")) {
        printf("id       %s\ntoken    %s\npath     /c/%s\nexpires  %s\n\n", draft->token_id, token, token, expires_at);
        puts("The token is shown this once; Sluice keeps only its hash.");
        return;
    }
    _cleanup_(buf_free) struct buf url = {0};
    buf_printf(&url, "/c/%s", token);
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, "token_id", draft->token_id);
    json_set_text(object, "token", token);
    json_set_text(object, "url", url.data);
    json_set_text(object, "expires_at", expires_at);
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

bool command_token_create(const struct config *config, const struct options *options, struct error *err) {
    struct upload_token_draft draft = {0};
    if (!read_draft(options, &draft, err)) {
        return false;
    }
    char token[UPLOAD_TOKEN_TEXT_SIZE];
    char expires_at[CLOCK_TEXT_SIZE];
    upload_token_draft_start(&draft, token);
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!upload_token_create(db, &draft, expires_at, err)) {
        return false;
    }
    print_token(options, &draft, token, expires_at);
    return true;
}

/* Columns of UPLOAD_TOKEN_LIST, in order, as JSON names them. */
enum { TOKEN_ID, TOKEN_OWNER, TOKEN_NAME, TOKEN_UPLOADS, TOKEN_MAX_UPLOADS };
enum { TOKEN_EXPIRES = 8, TOKEN_REVOKED };
static const struct {
    const char *name;
    bool is_number;
} columns[] = {
    {"token_id", false}, {"owner_id", false},      {"name", false},       {"uploads", true},     {"max_uploads", true},
    {"max_bytes", true}, {"content_types", false}, {"created_at", false}, {"expires_at", false}, {"revoked_at", false},
};

static void print_json(const struct db_result *tokens, size_t row) {
    _cleanup_(json_freep) json_t *object = json_object();
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (columns[i].is_number && !db_is_null(tokens, row, i)) {
            json_set_int(object, columns[i].name, db_int(tokens, row, i));
        } else {
            json_set_text(object, columns[i].name, db_text(tokens, row, i));
        }
    }
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

static void print_row(const struct db_result *tokens, size_t row) {
    const char *limit = db_text(tokens, row, TOKEN_MAX_UPLOADS);
    const char *revoked = db_text(tokens, row, TOKEN_REVOKED);
    printf("%s  %-16s %s of %s uploads, ends %.16s", db_text(tokens, row, TOKEN_ID), db_text(tokens, row, TOKEN_OWNER),
           db_text(tokens, row, TOKEN_UPLOADS), limit != NULL ? limit : "any", db_text(tokens, row, TOKEN_EXPIRES));
    printf("%s%.10s  %s\n", revoked != NULL ? ", revoked " : "", revoked != NULL ? revoked : "",
           db_text(tokens, row, TOKEN_NAME));
}

bool command_token_list(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, options_value(options, "owner"));
    _cleanup_(db_result_freep) struct db_result *tokens = NULL;
    if (!db_run(db, SQL_UPLOAD_TOKEN_LIST, &params, &tokens, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(tokens); row++) {
        if (options_has(options, "json")) {
            print_json(tokens, row);
        } else {
            print_row(tokens, row);
        }
    }
    return true;
}

bool command_token_revoke(const struct config *config, const struct options *options, struct error *err) {
    const char *token_id = options->arguments[0];
    if (!id_valid(token_id)) {
        return error_set(err, ERROR_CONFIG, "this is not the id of a token; see %s token list", PROGRAM_NAME);
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!upload_token_revoke(db, token_id, NULL, err)) {
        return false;
    }
    printf("revoked %s\n", token_id);
    return true;
}
