#include "common/webhook_store.h"

#include <string.h>

enum { REPLAY_AT_ONCE = 5000 };

const char *const webhook_events[] = {"file.uploaded", "file.synced", "file.failed", "file.deleted"};
const size_t webhook_event_count = sizeof webhook_events / sizeof webhook_events[0];

static bool is_among(const char *text, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

bool webhook_event_known(const char *name) {
    return is_among(name, webhook_events, webhook_event_count);
}

bool webhook_status_known(const char *status) {
    static const char *const statuses[] = {"pending", "delivered", "failed"};
    return is_among(status, statuses, sizeof statuses / sizeof statuses[0]);
}

struct webhook_url_rules webhook_url_rules_of(const struct config *config) {
    return (struct webhook_url_rules){config->webhook_allow_http, config->webhook_allow_private};
}

static void param_events(struct db_params *params, const struct webhook_events *events) {
    if (events == NULL) {
        db_param_text(params, NULL);
        return;
    }
    db_array_start(params);
    for (size_t i = 0; i < events->count; i++) {
        db_array_add_text(params, events->items[i]);
    }
    db_array_end(params);
}

void webhook_param_titles(struct db_params *params) {
    for (int titles = 0; titles <= 1; titles++) {
        db_array_start(params);
        for (int code = 0; code < ERROR_CODE_COUNT; code++) {
            const struct error_info *info = error_info((enum error_code)code);
            if (info->http_status >= 500) {
                db_array_add_text(params, titles ? info->title : info->name);
            }
        }
        db_array_end(params);
    }
}

static bool not_found(const char *id, struct error *err) {
    return error_set(err, ERROR_NOT_FOUND, "there is no %.60s", id);
}

/* Runs a statement that yields a row when what it is about exists. */
static bool run_found(struct db *db, enum sql_statement statement, const struct db_params *params, const char *id,
                      struct db_result **ret_result, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return not_found(id, err);
    }
    *ret_result = take_ptr(result);
    return true;
}

bool webhook_store_create(struct db *db, const struct config *config, const char *owner_id, const char *url,
                          const struct webhook_events *events, const char *description, char ret_id[ID_TEXT_SIZE],
                          char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) {
    const struct webhook_url_rules rules = webhook_url_rules_of(config);
    if (!webhook_url_check(url, &rules, err)) {
        return false;
    }
    char id[ID_TEXT_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    char stored[WEBHOOK_SEALED_SIZE];
    id_new(id);
    webhook_secret_new(secret);
    webhook_secret_seal(secret, config->webhook_master_key, id, stored);
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, id);
    db_param_text(&params, owner_id);
    db_param_text(&params, url);
    param_events(&params, events);
    db_param_text(&params, description);
    db_param_text(&params, stored);
    db_param_int(&params, config->webhook_endpoints_max);
    if (!db_run(db, SQL_WEBHOOK_CREATE, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_TOO_MANY_ENDPOINTS, "an owner may have %lld webhook endpoints",
                         (long long)config->webhook_endpoints_max);
    }
    memcpy(ret_id, id, sizeof id);
    memcpy(ret_secret, secret, sizeof secret);
    return true;
}

bool webhook_store_change(struct db *db, const struct config *config, const char *owner_id, const char *id,
                          const char *url, const struct webhook_events *events, const char *description,
                          struct error *err) {
    const struct webhook_url_rules rules = webhook_url_rules_of(config);
    if (url != NULL && !webhook_url_check(url, &rules, err)) {
        return false;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    db_param_text(&params, url);
    param_events(&params, events);
    db_param_text(&params, description);
    return run_found(db, SQL_WEBHOOK_CHANGE, &params, id, &result, err);
}

bool webhook_store_rotate(struct db *db, const struct config *config, const char *owner_id, const char *id,
                          char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) {
    char secret[WEBHOOK_SECRET_SIZE];
    char stored[WEBHOOK_SEALED_SIZE];
    webhook_secret_new(secret);
    webhook_secret_seal(secret, config->webhook_master_key, id, stored);
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    db_param_text(&params, stored);
    db_param_int(&params, config->webhook_rotation_s);
    if (!run_found(db, SQL_WEBHOOK_ROTATE, &params, id, &result, err)) {
        return false;
    }
    memcpy(ret_secret, secret, sizeof secret);
    return true;
}

bool webhook_store_apply(struct db *db, enum sql_statement statement, const char *owner_id, const char *id,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    return run_found(db, statement, &params, id, &result, err);
}

bool webhook_store_test(struct db *db, const char *owner_id, const char *id, char ret_delivery_id[ID_TEXT_SIZE],
                        struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    char delivery_id[ID_TEXT_SIZE];
    id_new(delivery_id);
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    db_param_text(&params, delivery_id);
    if (!run_found(db, SQL_WEBHOOK_TEST, &params, id, &result, err)) {
        return false;
    }
    if (!db_bool(result, 0, 0)) {
        return error_set(err, ERROR_CONFLICT, "the endpoint is disabled");
    }
    memcpy(ret_delivery_id, delivery_id, sizeof delivery_id);
    return true;
}

bool webhook_store_replay_since(struct db *db, const char *owner_id, const char *id, int64_t since_ms,
                                struct webhook_replayed *ret_replayed, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_int(&params, REPLAY_AT_ONCE);
    webhook_param_titles(&params);
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    db_param_int(&params, since_ms);
    if (!run_found(db, SQL_WEBHOOK_REPLAY_SINCE, &params, id, &result, err)) {
        return false;
    }
    *ret_replayed = (struct webhook_replayed){db_int(result, 0, 0), db_int(result, 0, 2), db_int(result, 0, 1)};
    return true;
}

bool webhook_store_list(struct db *db, const char *owner_id, const char *id, const char *before_id, size_t limit,
                        struct db_result **ret_rows, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, id);
    db_param_text(&params, before_id);
    db_param_int(&params, (int64_t)limit);
    return db_run(db, SQL_WEBHOOK_LIST, &params, ret_rows, err);
}

bool webhook_store_deliveries(struct db *db, const char *owner_id, const struct webhook_delivery_filter *filter,
                              struct db_result **ret_rows, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, filter->id);
    db_param_text(&params, filter->endpoint_id);
    db_param_text(&params, filter->status);
    db_param_text(&params, filter->before_id);
    db_param_int(&params, (int64_t)filter->limit);
    return db_run(db, SQL_WEBHOOK_DELIVERIES, &params, ret_rows, err);
}
