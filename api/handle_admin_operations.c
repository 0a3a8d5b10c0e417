/* The page of operations, and what can be done there: failures and dead events once more. */

#include "api/admin_page.h"
#include "api/handlers.h"
#include "api/operations_values.h"
#include "common/clock.h"
#include "common/dead_replay.h"
#include "common/encode.h"

#include <string.h>

#define PAGE ADMIN_HOME "/operations"

enum { REDIS_TIMEOUT_MS = 2000 };

bool handle_admin_operations(struct api *api, struct request *request, struct error *err) {
    _cleanup_(operations_free) struct operations operations = {0};
    if (!operations_read(api, request->principal.owner_id, &operations, err)) {
        return false;
    }
    json_t *values = operations_values(&operations, clock_now_ms());
    json_set_text(values, "title", "Operations");
    json_set_bool(values, "at_operations", true);
    const char *name = admin_page_is_part(request) ? "operations_body" : "operations";
    return admin_page_send(api, request, 200, name, values, err);
}

static bool retry_newest(struct db *db, const char *owner_id, int64_t *ret_count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *failed = NULL;
    db_param_text(&params, owner_id);
    db_param_int(&params, OPERATIONS_AT_ONCE);
    if (!db_run(db, SQL_OPERATIONS_FAILED, &params, &failed, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(failed); row++) {
        bool is_changed = false;
        if (!file_state_retry(db, owner_id, db_text(failed, row, 0), &is_changed, err)) {
            return false;
        }
        *ret_count += is_changed ? 1 : 0;
    }
    return true;
}

static bool retry_one(struct db *db, const char *owner_id, const char *file_id, int64_t *ret_count, struct error *err) {
    bool is_changed = false;
    if (!id_valid(file_id)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such file");
    }
    if (!file_state_retry(db, owner_id, file_id, &is_changed, err)) {
        return false;
    }
    *ret_count = is_changed ? 1 : 0;
    return is_changed || error_set(err, ERROR_CONFLICT, "the file is no longer one that failed");
}

bool handle_admin_retry(struct api *api, struct request *request, struct error *err) {
    struct db *db = NULL;
    int64_t count = 0;
    const char *owner_id = request->principal.owner_id;
    _cleanup_(freep) char *file_id = NULL;
    if (!request_field(request, "file_id", &file_id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool is_done =
        file_id == NULL ? retry_newest(db, owner_id, &count, err) : retry_one(db, owner_id, file_id, &count, err);
    db_pool_give(api->database, db);
    if (count > 0) {
        api_wake_workers(api);
    }
    if (is_done) {
        admin_page_redirect(request, PAGE);
    }
    return is_done;
}

/* Which ones: that of the field, or all. */
static bool read_events(struct request *request, int64_t *ret_first, int64_t *ret_last, struct error *err) {
    _cleanup_(freep) char *text = NULL;
    if (!request_field(request, "event_id", &text, err)) {
        return false;
    }
    *ret_first = 1;
    *ret_last = INT64_MAX;
    if (text != NULL && !parse_int64(text, 1, INT64_MAX, ret_first)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such event");
    }
    *ret_last = text == NULL ? INT64_MAX : *ret_first;
    return true;
}

static bool replay(struct api *api, struct db *db, int64_t first, int64_t last, size_t *ret_count, struct error *err) {
    struct redis *redis = NULL;
    if (!redis_pool_take(api->queue, REDIS_TIMEOUT_MS, &redis, err)) {
        return false;
    }
    bool is_done = dead_replay(db, redis, api->config->events_list, first, last, OPERATIONS_AT_ONCE, ret_count, err);
    redis_pool_give(api->queue, redis);
    return is_done;
}

bool handle_admin_replay(struct api *api, struct request *request, struct error *err) {
    struct db *db = NULL;
    size_t count = 0;
    int64_t first = 0;
    int64_t last = 0;
    if (!read_events(request, &first, &last, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool is_done = replay(api, db, first, last, &count, err);
    db_pool_give(api->database, db);
    if (is_done && count == 0 && first == last) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such event");
    }
    if (is_done) {
        admin_page_redirect(request, PAGE);
    }
    return is_done;
}
