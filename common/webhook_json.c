#include "common/webhook_store.h"

#include <string.h>

/* How a column is shown; in the order of the statement. */
enum shape { SHAPE_TEXT, SHAPE_INT, SHAPE_BOOL, SHAPE_JSON };

struct column {
    const char *name;
    enum shape shape;
};

static const struct column endpoint_columns[] = {
    {"endpoint_id", SHAPE_TEXT},      {"url", SHAPE_TEXT},
    {"events", SHAPE_JSON},           {"description", SHAPE_TEXT},
    {"enabled", SHAPE_BOOL},          {"disabled_reason", SHAPE_TEXT},
    {"failures", SHAPE_INT},          {"disabled_at", SHAPE_TEXT},
    {"failing_since", SHAPE_TEXT},    {"paused_until", SHAPE_TEXT},
    {"old_secret_until", SHAPE_TEXT}, {"created_at", SHAPE_TEXT},
    {"updated_at", SHAPE_TEXT},       {"owner_id", SHAPE_TEXT},
};

static const struct column delivery_columns[] = {
    {"delivery_id", SHAPE_TEXT},  {"endpoint_id", SHAPE_TEXT}, {"event_id", SHAPE_TEXT}, {"file_id", SHAPE_TEXT},
    {"type", SHAPE_TEXT},         {"status", SHAPE_TEXT},      {"attempts", SHAPE_INT},  {"http_status", SHAPE_INT},
    {"error", SHAPE_TEXT},        {"response", SHAPE_TEXT},    {"next_at", SHAPE_TEXT},  {"attempted_at", SHAPE_TEXT},
    {"delivered_at", SHAPE_TEXT}, {"created_at", SHAPE_TEXT},
};

static json_t *json_of(const struct db_result *rows, size_t row, size_t column, enum shape shape) {
    if (db_is_null(rows, row, column)) {
        return json_null();
    }
    const char *text = db_text(rows, row, column);
    struct error ignored = {0};
    json_t *value = NULL;
    switch (shape) {
    case SHAPE_TEXT:
        return json_string(text);
    case SHAPE_INT:
        return json_integer(db_int(rows, row, column));
    case SHAPE_BOOL:
        return json_boolean(db_bool(rows, row, column));
    case SHAPE_JSON:
        return json_parse(text, strlen(text), JSON_MAX_DEPTH, &value, &ignored) ? value : json_null();
    }
    return json_null();
}

static json_t *row_json(const struct db_result *rows, size_t row, const struct column *columns, size_t count) {
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++) {
        json_set(object, columns[i].name, json_of(rows, row, i, columns[i].shape));
    }
    return object;
}

json_t *webhook_endpoint_json(const struct db_result *rows, size_t row) {
    return row_json(rows, row, endpoint_columns, sizeof endpoint_columns / sizeof endpoint_columns[0]);
}

json_t *webhook_delivery_json(const struct db_result *rows, size_t row) {
    return row_json(rows, row, delivery_columns, sizeof delivery_columns / sizeof delivery_columns[0]);
}
