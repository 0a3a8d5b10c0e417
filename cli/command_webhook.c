#include "cli/commands.h"
#include "common/clock.h"
#include "common/text_list.h"
#include "common/webhook_store.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 100000 };

static bool check_id(const char *id, const char *what, struct error *err) {
    return id_valid(id) || error_set(err, ERROR_CONFIG, "%.60s is not the id of %s", id, what);
}

static bool read_events(const struct text_list *names, struct webhook_events *ret_events, struct error *err) {
    for (size_t i = 0; i < names->count; i++) {
        if (!webhook_event_known(names->items[i]) || i == WEBHOOK_EVENTS_MAX) {
            return error_set(err, ERROR_CONFIG,
                             "unknown event %.40s; there are: file.uploaded, file.synced, file.failed, file.deleted",
                             names->items[i]);
        }
        ret_events->items[ret_events->count++] = names->items[i];
    }
    return true;
}

static void print_object(const json_t *object) {
    _cleanup_(freep) char *text = json_to_text(object);
    puts(text);
}

static void print_secret(const struct options *options, const char *id, const char *secret) {
    if (!options_has(options, "json")) {
        printf("id      %s\nsecret  %s\n\nThe secret is shown this once.\n", id, secret);
        return;
    }
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_text(object, "endpoint_id", id);
    json_set_text(object, "secret", secret);
    print_object(object);
}

bool command_webhook_add(const struct config *config, const struct options *options, struct error *err) {
    const char *owner = options_value(options, "owner");
    const char *description = options_value(options, "description");
    const char *list = options_value(options, "events");
    _cleanup_(text_list_free) struct text_list names = {0};
    struct webhook_events events = {0};
    char id[ID_TEXT_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    if (*owner == '\0') {
        return error_set(err, ERROR_CONFIG, "option --owner must not be empty");
    }
    text_list_split(list == NULL ? "" : list, ',', &names);
    if (!read_events(&names, &events, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!webhook_store_create(db, config, owner, options->arguments[0], &events, description == NULL ? "" : description,
                              id, secret, err)) {
        return false;
    }
    print_secret(options, id, secret);
    return true;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_text(object, name);
    return text == NULL ? "" : text;
}

static void print_endpoint(const json_t *endpoint) {
    const char *reason = text_of(endpoint, "disabled_reason");
    printf("%s  %-16s %s", text_of(endpoint, "endpoint_id"), text_of(endpoint, "owner_id"), text_of(endpoint, "url"));
    if (*reason != '\0') {
        printf("  disabled (%s) since %.10s", reason, text_of(endpoint, "disabled_at"));
    } else if (*text_of(endpoint, "failing_since") != '\0') {
        printf("  failing since %s", text_of(endpoint, "failing_since"));
    }
    printf("  %s\n", text_of(endpoint, "description"));
}

static void print_delivery(const json_t *delivery) {
    printf("%s  %s  %-13s %-9s attempt %lld", text_of(delivery, "delivery_id"), text_of(delivery, "created_at"),
           text_of(delivery, "type"), text_of(delivery, "status"),
           (long long)json_integer_value(json_object_get(delivery, "attempts")));
    const json_t *status = json_object_get(delivery, "http_status");
    if (json_is_integer(status)) {
        printf("  HTTP %lld", (long long)json_integer_value(status));
    }
    printf("  %s\n", text_of(delivery, "error"));
}

static void print_rows(const struct options *options, const struct db_result *rows,
                       json_t *(*json_of)(const struct db_result *, size_t), void (*print_line)(const json_t *)) {
    for (size_t row = 0; row < db_rows(rows); row++) {
        _cleanup_(json_freep) json_t *object = json_of(rows, row);
        (options_has(options, "json") ? print_object : print_line)(object);
    }
}

bool command_webhook_list(const struct config *config, const struct options *options, struct error *err) {
    int64_t limit = 0;
    if (!options_int(options, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    if (!webhook_store_list(db, options_value(options, "owner"), NULL, NULL, (size_t)limit, &rows, err)) {
        return false;
    }
    print_rows(options, rows, webhook_endpoint_json, print_endpoint);
    return true;
}

static bool apply(const struct config *config, const struct options *options, enum sql_statement statement,
                  const char *said, struct error *err) {
    const char *id = options->arguments[0];
    if (!check_id(id, "an endpoint", err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!webhook_store_apply(db, statement, NULL, id, err)) {
        return false;
    }
    printf("%s %s\n", said, id);
    return true;
}

bool command_webhook_remove(const struct config *config, const struct options *options, struct error *err) {
    return apply(config, options, SQL_WEBHOOK_REMOVE, "removed", err);
}

bool command_webhook_enable(const struct config *config, const struct options *options, struct error *err) {
    return apply(config, options, SQL_WEBHOOK_ENABLE, "enabled", err);
}

bool command_webhook_disable(const struct config *config, const struct options *options, struct error *err) {
    return apply(config, options, SQL_WEBHOOK_DISABLE, "disabled", err);
}

bool command_webhook_rotate(const struct config *config, const struct options *options, struct error *err) {
    const char *id = options->arguments[0];
    char secret[WEBHOOK_SECRET_SIZE];
    if (!check_id(id, "an endpoint", err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!webhook_store_rotate(db, config, NULL, id, secret, err)) {
        return false;
    }
    print_secret(options, id, secret);
    return true;
}

bool command_webhook_test(const struct config *config, const struct options *options, struct error *err) {
    const char *id = options->arguments[0];
    char delivery_id[ID_TEXT_SIZE];
    if (!check_id(id, "an endpoint", err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    if (!webhook_store_test(db, NULL, id, delivery_id, err)) {
        return false;
    }
    printf("queued %s; see %s webhook deliveries --endpoint %s\n", delivery_id, PROGRAM_NAME, id);
    return true;
}

bool command_webhook_deliveries(const struct config *config, const struct options *options, struct error *err) {
    struct webhook_delivery_filter filter = {.endpoint_id = options_value(options, "endpoint"),
                                             .status = options_value(options, "status")};
    int64_t limit = 0;
    if (!options_int(options, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit, err) ||
        (filter.endpoint_id != NULL && !check_id(filter.endpoint_id, "an endpoint", err))) {
        return false;
    }
    if (filter.status != NULL && !webhook_status_known(filter.status)) {
        return error_set(err, ERROR_CONFIG, "unknown status %.40s; there are: pending, delivered, failed",
                         filter.status);
    }
    filter.limit = (size_t)limit;
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    if (!webhook_store_deliveries(db, NULL, &filter, &rows, err)) {
        return false;
    }
    print_rows(options, rows, webhook_delivery_json, print_delivery);
    return true;
}

/* Page by page, each from the time at which the one before ended. */
static bool replay_since(struct db *db, const char *endpoint_id, int64_t since_ms, struct error *err) {
    int64_t queued = 0;
    while (since_ms != 0) {
        struct webhook_replayed page = {0};
        if (!webhook_store_replay_since(db, NULL, endpoint_id, since_ms, &page, err)) {
            return false;
        }
        queued += page.queued;
        since_ms = page.until_ms > since_ms ? page.until_ms : 0;
    }
    printf("%lld queued\n", (long long)queued);
    return true;
}

static bool replay_named(struct db *db, const struct options *options, struct error *err) {
    for (size_t i = 0; i < options->argument_count; i++) {
        const char *id = options->arguments[i];
        if (!check_id(id, "a delivery", err) || !webhook_store_apply(db, SQL_WEBHOOK_REPLAY, NULL, id, err)) {
            return false;
        }
        printf("queued %s\n", id);
    }
    return true;
}

bool command_webhook_replay(const struct config *config, const struct options *options, struct error *err) {
    const char *endpoint_id = options_value(options, "endpoint");
    const char *since = options_value(options, "since");
    bool is_named = options->argument_count > 0;
    if ((endpoint_id == NULL) != (since == NULL) || is_named == (since != NULL)) {
        return error_set(err, ERROR_CONFIG, "give ids of deliveries, or --endpoint ID and --since TIME");
    }
    int64_t since_ms = since == NULL ? 0 : clock_parse(since);
    if (since != NULL && (since_ms == 0 || !check_id(endpoint_id, "an endpoint", err))) {
        return since_ms != 0 ? false
                             : error_set(err, ERROR_CONFIG, "--since must be a time such as 2026-11-20T12:34:56Z");
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    return is_named ? replay_named(db, options, err) : replay_since(db, endpoint_id, since_ms, err);
}
