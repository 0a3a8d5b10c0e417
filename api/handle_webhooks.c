/* Webhook endpoints of an owner, and the log of what was sent to them. */

#include "api/handlers.h"
#include "api/json_writer.h"
#include "api/page.h"
#include "api/response.h"
#include "common/clock.h"
#include "common/webhook_store.h"

#include <ctype.h>
#include <string.h>

static bool path_id(const struct request *request, const char *what, char ret_id[ID_TEXT_SIZE], struct error *err) {
    const char *text = request->match.parameters[0];
    if (!id_valid(text)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such %s", what);
    }
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        ret_id[i] = (char)tolower((unsigned char)text[i]);
    }
    return true;
}

/* The events that the body names; ret_events NULL: it says nothing of them. */
static void read_events(struct json_reader *reader, struct webhook_events *events,
                        const struct webhook_events **ret_events) {
    const json_t *member = json_object_get(reader->object, "events");
    *ret_events = NULL;
    if (member == NULL || json_is_null(member)) {
        return;
    }
    *ret_events = events;
    if (json_is_array(member) && json_array_size(member) == 0) {
        return; /* all */
    }
    const json_t *items = json_read_array(reader, "events", WEBHOOK_EVENTS_MAX, false);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *name = json_string_value(json_array_get(items, i));
        if (name == NULL || !webhook_event_known(name)) {
            json_complain(reader, "events", "item %zu is none of file.uploaded, file.synced, file.failed, file.deleted",
                          i);
        } else {
            events->items[events->count++] = name;
        }
    }
}

struct draft {
    const char *url, *description;
    struct webhook_events storage;
    const struct webhook_events *events;
};

/* Everything that is wrong at once, the URL included. */
static bool read_draft(struct api *api, struct request *request, bool is_new, struct draft *draft, struct error *err) {
    struct json_reader *reader = &request->reader;
    const struct webhook_url_rules rules = webhook_url_rules_of(api->config);
    struct error wrong = {0};
    *draft = (struct draft){.url = json_read_text(reader, "url", WEBHOOK_URL_MAX, is_new)};
    const json_t *description = json_object_get(reader->object, "description");
    bool is_empty = json_is_string(description) && json_string_length(description) == 0;
    draft->description = is_empty ? "" : json_read_text(reader, "description", WEBHOOK_DESCRIPTION_MAX, false);
    read_events(reader, &draft->storage, &draft->events);
    if (draft->url != NULL && !webhook_url_check(draft->url, &rules, &wrong)) {
        json_complain(reader, "url", "%s", wrong.message);
    }
    return json_reader_ok(reader) || error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}

static void answer_json(struct request *request, int status, const json_t *value) {
    _cleanup_(freep) char *text = json_to_text(value);
    _cleanup_(buf_free) struct buf json = {0};
    buf_append_text(&json, text);
    response_json(request, status, &json);
}

/* The endpoint as it is now, with its secret when that is to be shown. */
static bool answer_endpoint(struct request *request, struct db *db, int status, const char *id, const char *secret,
                            struct error *err) {
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    if (!webhook_store_list(db, request->principal.owner_id, id, NULL, 1, &rows, err)) {
        return false;
    }
    if (db_rows(rows) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such endpoint");
    }
    _cleanup_(json_freep) json_t *endpoint = webhook_endpoint_json(rows, 0);
    if (secret != NULL) {
        json_set_text(endpoint, "secret", secret);
    }
    answer_json(request, status, endpoint);
    return true;
}

bool handle_webhook_create(struct api *api, struct request *request, struct error *err) {
    struct draft draft;
    struct db *db = NULL;
    if (!read_draft(api, request, true, &draft, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    const struct webhook_events all = {.count = 0};
    char id[ID_TEXT_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    bool done = webhook_store_create(db, api->config, request->principal.owner_id, draft.url,
                                     draft.events == NULL ? &all : draft.events,
                                     draft.description == NULL ? "" : draft.description, id, secret, err) &&
                answer_endpoint(request, db, 201, id, secret, err);
    db_pool_give(api->database, db);
    return done;
}

bool handle_webhook_get(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = answer_endpoint(request, db, 200, id, NULL, err);
    db_pool_give(api->database, db);
    return done;
}

bool handle_webhook_change(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct draft draft;
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !read_draft(api, request, false, &draft, err) ||
        !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_change(db, api->config, request->principal.owner_id, id, draft.url, draft.events,
                                     draft.description, err) &&
                answer_endpoint(request, db, 200, id, NULL, err);
    db_pool_give(api->database, db);
    return done;
}

static bool apply(struct api *api, struct request *request, enum sql_statement statement, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_apply(db, statement, request->principal.owner_id, id, err) &&
                answer_endpoint(request, db, 200, id, NULL, err);
    db_pool_give(api->database, db);
    return done;
}

bool handle_webhook_enable(struct api *api, struct request *request, struct error *err) {
    return apply(api, request, SQL_WEBHOOK_ENABLE, err);
}

bool handle_webhook_disable(struct api *api, struct request *request, struct error *err) {
    return apply(api, request, SQL_WEBHOOK_DISABLE, err);
}

/* 202: it will be sent. */
static void answer_queued(struct request *request, const char *delivery_id) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "delivery_id", delivery_id);
    json_writer_text(&writer, "status", "pending");
    json_writer_close(&writer, '}');
    response_json(request, 202, &json);
}

bool handle_webhook_delete(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_apply(db, SQL_WEBHOOK_REMOVE, request->principal.owner_id, id, err);
    db_pool_give(api->database, db);
    if (done) {
        response_send(request, 204, NULL, NULL, 0);
    }
    return done;
}

bool handle_webhook_rotate(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_rotate(db, api->config, request->principal.owner_id, id, secret, err) &&
                answer_endpoint(request, db, 200, id, secret, err);
    db_pool_give(api->database, db);
    return done;
}

bool handle_webhook_test(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    char delivery_id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "endpoint", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_test(db, request->principal.owner_id, id, delivery_id, err);
    db_pool_give(api->database, db);
    if (done) {
        answer_queued(request, delivery_id);
    }
    return done;
}

static void answer_rows(struct request *request, const struct page *page, const char *name,
                        const struct db_result *rows, json_t *(*json_of)(const struct db_result *, size_t)) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    size_t shown = page_shown(page, db_rows(rows));
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, name, '[');
    for (size_t row = 0; row < shown; row++) {
        _cleanup_(json_freep) json_t *object = json_of(rows, row);
        _cleanup_(freep) char *text = json_to_text(object);
        json_writer_raw(&writer, NULL, text);
    }
    page_end(request, &writer, db_rows(rows) > shown ? db_text(rows, shown - 1, 0) : NULL);
}

bool handle_webhook_list(struct api *api, struct request *request, struct error *err) {
    struct page page;
    struct db *db = NULL;
    if (!page_read(request, &page, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    bool listed =
        webhook_store_list(db, request->principal.owner_id, NULL, page_before(&page), page_rows(&page), &rows, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_rows(request, &page, "endpoints", rows, webhook_endpoint_json);
    }
    return listed;
}

static bool check_filter(struct request *request, const char *endpoint_id, const char *status, struct error *err) {
    if (endpoint_id != NULL && !id_valid(endpoint_id)) {
        return request_refuse(request, "endpoint", "must be the id of an endpoint", err);
    }
    return status == NULL || webhook_status_known(status) ||
           request_refuse(request, "status", "must be pending, delivered or failed", err);
}

bool handle_webhook_deliveries(struct api *api, struct request *request, struct error *err) {
    struct page page;
    struct db *db = NULL;
    _cleanup_(freep) char *endpoint_id = NULL;
    _cleanup_(freep) char *status = NULL;
    if (!page_read(request, &page, err) || !request_query(request, "endpoint", &endpoint_id, err) ||
        !request_query(request, "status", &status, err) || !check_filter(request, endpoint_id, status, err) ||
        !api_take_database(api, &db, err)) {
        return false;
    }
    const struct webhook_delivery_filter filter = {
        .endpoint_id = endpoint_id, .status = status, .before_id = page_before(&page), .limit = page_rows(&page)};
    _cleanup_(db_result_freep) struct db_result *rows = NULL;
    bool listed = webhook_store_deliveries(db, request->principal.owner_id, &filter, &rows, err);
    db_pool_give(api->database, db);
    if (listed) {
        answer_rows(request, &page, "deliveries", rows, webhook_delivery_json);
    }
    return listed;
}

bool handle_webhook_replay(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!path_id(request, "delivery", id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_apply(db, SQL_WEBHOOK_REPLAY, request->principal.owner_id, id, err);
    db_pool_give(api->database, db);
    if (done) {
        answer_queued(request, id);
    }
    return done;
}

static void answer_replayed(struct request *request, const struct webhook_replayed *replayed) {
    char until[CLOCK_TEXT_SIZE];
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    clock_format_rfc3339(replayed->until_ms, until);
    json_writer_open(&writer, NULL, '{');
    json_writer_int(&writer, "found", replayed->found);
    json_writer_int(&writer, "queued", replayed->queued);
    json_writer_text(&writer, "next_since", replayed->until_ms == 0 ? NULL : until);
    json_writer_close(&writer, '}');
    response_json(request, 202, &json);
}

bool handle_webhook_replay_since(struct api *api, struct request *request, struct error *err) {
    char id[ID_TEXT_SIZE];
    struct db *db = NULL;
    struct webhook_replayed replayed = {0};
    _cleanup_(freep) char *since = NULL;
    if (!path_id(request, "endpoint", id, err) || !request_query(request, "since", &since, err)) {
        return false;
    }
    int64_t since_ms = since == NULL ? 0 : clock_parse(since);
    if (since_ms == 0) {
        return request_refuse(request, "since", "must be a time such as 2026-11-20T12:34:56Z", err);
    }
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool done = webhook_store_replay_since(db, request->principal.owner_id, id, since_ms, &replayed, err);
    db_pool_give(api->database, db);
    if (done) {
        answer_replayed(request, &replayed);
    }
    return done;
}
