#include "cli/commands.h"
#include "common/json.h"
#include "common/tag_store.h"

enum { PAGE_FILES = 500, TROUBLES_DEFAULT = 20, TROUBLES_MAX = 10000 };

/* What was asked of the model is asked again with --all, since a service may have another model under the same name. */
bool command_tags_rebuild(const struct config *config, const struct options *options, struct error *err) {
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    const char *model = options_has(options, "all") ? NULL : config->ml_model;
    char last_id[ID_TEXT_SIZE] = "";
    size_t queued = 0;
    if (model == NULL && !tag_store_drop_texts(db, config->ml_model, err)) {
        return false;
    }
    for (size_t count = PAGE_FILES; count == PAGE_FILES; queued += count) {
        if (!tag_store_rebuild(db, model, PAGE_FILES, last_id, &count, err)) {
            return false;
        }
    }
    printf("%zu queued\n", queued);
    return true;
}

struct tag_counts {
    int64_t due, waiting, failed, embedded;
};

static void print_json(const struct tag_counts *counts, const struct db_result *troubles) {
    _cleanup_(json_freep) json_t *status = json_object();
    json_t *list = json_array();
    json_set_int(status, "due", counts->due);
    json_set_int(status, "waiting", counts->waiting);
    json_set_int(status, "failed", counts->failed);
    json_set_int(status, "embedded", counts->embedded);
    for (size_t row = 0; row < db_rows(troubles); row++) {
        json_t *trouble = json_object();
        json_set_text(trouble, "file_id", db_text(troubles, row, 0));
        json_set_bool(trouble, "failed", db_bool(troubles, row, 1));
        json_set_int(trouble, "attempts", db_int(troubles, row, 2));
        json_set_text(trouble, "code", db_text(troubles, row, 3));
        json_set_text(trouble, "message", db_text(troubles, row, 4));
        json_set_text(trouble, "at", db_text(troubles, row, 5));
        json_array_append_new(list, trouble);
    }
    json_set(status, "troubles", list);
    _cleanup_(freep) char *text = json_to_text(status);
    puts(text);
}

static void print_text(const struct tag_counts *counts, const struct db_result *troubles) {
    printf("due %lld\nwaiting %lld\nfailed %lld\nembedded %lld\n", (long long)counts->due, (long long)counts->waiting,
           (long long)counts->failed, (long long)counts->embedded);
    for (size_t row = 0; row < db_rows(troubles); row++) {
        printf("%s  %s  attempt %lld  %s  %s: %s\n", db_text(troubles, row, 5), db_text(troubles, row, 0),
               (long long)db_int(troubles, row, 2), db_bool(troubles, row, 1) ? "given up" : "again later",
               db_text(troubles, row, 3), db_text(troubles, row, 4));
    }
}

bool command_tags_status(const struct config *config, const struct options *options, struct error *err) {
    int64_t limit = 0;
    if (!options_int(options, "limit", 0, TROUBLES_MAX, TROUBLES_DEFAULT, &limit, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    _cleanup_(db_result_freep) struct db_result *troubles = NULL;
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, limit);
    if (!db_run(db, SQL_TAG_STATUS, NULL, &result, err) || !db_run(db, SQL_TAG_TROUBLES, &params, &troubles, err)) {
        return false;
    }
    const struct tag_counts counts = {db_int(result, 0, 0), db_int(result, 0, 1), db_int(result, 0, 2),
                                      db_int(result, 0, 3)};
    if (options_has(options, "json")) {
        print_json(&counts, troubles);
    } else {
        print_text(&counts, troubles);
    }
    return true;
}
