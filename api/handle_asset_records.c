/* Assets after their upload: tasks, reading, deleting, and asking by hash. */

#include "api/asset_json.h"
#include "api/asset_query.h"
#include "api/asset_removal.h"
#include "api/file_wait.h"
#include "api/handlers.h"
#include "api/hash_check.h"
#include "api/response.h"
#include "common/asset_key.h"
#include "common/clock.h"
#include "common/ml_client.h"

enum { SEARCH_TIMEOUT_S = 30 }; /* a request does not wait until a model is loaded */

static bool no_task(struct error *err) {
    return error_set(err, ERROR_NOT_FOUND, "there is no such task");
}

bool handle_task_get(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    int64_t wait_s = 0;
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!request_file_id(request, file_id, err) ||
        !request_query_int(request, "wait", 0, FILE_WAIT_MAX_S, 0, &wait_s, err) ||
        !file_wait(api, request, file_id, wait_s, &record, err)) {
        return false;
    }
    if (!asset_kind_is_asset(record->kind)) {
        return no_task(err);
    }
    _cleanup_(buf_free) struct buf json = {0};
    task_json(record, &json);
    response_json(request, 200, &json);
    return true;
}

static void answer_list(const struct api *api, struct request *request, const struct assets *assets,
                        const struct page *page) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    size_t shown = page_shown(page, assets->count);
    int64_t now_ms = clock_now_ms();
    json_writer_open(&writer, NULL, '{');
    json_writer_open(&writer, "assets", '[');
    for (size_t i = 0; i < shown; i++) {
        json_writer_open(&writer, NULL, '{');
        asset_json_members(api, &assets->items[i], now_ms, &writer);
        json_writer_close(&writer, '}');
    }
    page_end(request, &writer, assets->count > shown ? assets->items[shown - 1].record->file_id : NULL);
}

/* The vector of the text that is searched for. */
static bool embed(const struct config *config, struct asset_query *query, struct error *err) {
    _cleanup_(ml_client_freep) struct ml_client *ml = NULL;
    if (query->q == NULL) {
        return true;
    }
    if (*config->ml_url == '\0') {
        return error_set(err, ERROR_VALIDATION_FAILED, "q needs a machine-learning service, and none is set up here");
    }
    int64_t timeout_s = config->ml_timeout_s < SEARCH_TIMEOUT_S ? config->ml_timeout_s : SEARCH_TIMEOUT_S;
    const struct ml_options options = {config->ml_url, config->ml_model, timeout_s * 1000, config->ml_ca_file};
    return ml_client_new(&options, &ml, err) && ml_client_text(ml, query->q, &query->embedding, err);
}

bool handle_asset_list(struct api *api, struct request *request, struct error *err) {
    _cleanup_(asset_query_free) struct asset_query query = {0};
    struct db *db = NULL;
    if (!asset_query_read(request, &query, err) || !embed(api->config, &query, err) ||
        !api_take_database(api, &db, err)) {
        return false;
    }
    const struct asset_search search = asset_query_search(&query, api->config->ml_model);
    _cleanup_(assets_free) struct assets assets = {0};
    bool is_listed = asset_search(db, request->principal.owner_id, &search, &assets, err);
    db_pool_give(api->database, db);
    if (is_listed) {
        answer_list(api, request, &assets, &query.page);
    }
    return is_listed;
}

static bool find(struct api *api, struct request *request, struct assets *ret_assets, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    struct db *db = NULL;
    if (!request_file_id(request, file_id, err) || !api_take_database(api, &db, err)) {
        return false;
    }
    bool is_found = asset_get(db, request->principal.owner_id, file_id, ret_assets, err);
    db_pool_give(api->database, db);
    return is_found;
}

bool handle_asset_get(struct api *api, struct request *request, struct error *err) {
    _cleanup_(assets_free) struct assets assets = {0};
    if (!find(api, request, &assets, err)) {
        return false;
    }
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    asset_json_members(api, &assets.items[0], clock_now_ms(), &writer);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
    return true;
}

static void answer_removal(struct request *request, const struct asset_removal *removal) {
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_text(&writer, "asset_id", removal->asset_id);
    json_writer_raw(&writer, "deleted", removal->references == 0 ? "true" : "false");
    json_writer_int(&writer, "references", removal->references);
    json_writer_close(&writer, '}');
    response_json(request, 200, &json);
}

bool handle_asset_delete(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    int64_t all = 0;
    struct asset_removal removal;
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    if (!request_file_id(request, file_id, err) || !request_query_int(request, "all", 0, 1, 0, &all, err) ||
        !api_get_file(api, request, file_id, &record, err)) {
        return false;
    }
    if (!asset_kind_is_asset(record->kind)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such asset");
    }
    if (!asset_remove(api, record, all == 1, &removal, err)) {
        return false;
    }
    answer_removal(request, &removal);
    return true;
}

bool handle_asset_check(struct api *api, struct request *request, struct error *err) {
    return hash_check(api, request, asset_find_hashes, "asset_id", err);
}
