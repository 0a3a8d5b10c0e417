#include "api/api.h"

#include "api/sse_hub.h"
#include "common/event_queue.h"
#include "common/log.h"
#include "common/ml_client.h"
#include "common/xalloc.h"

enum {
    STATEMENT_TIMEOUT_MS = 10000,
    POOL_TIMEOUT_MS = 5000,
    REDIS_TIMEOUT_MS = 2000,
    QUEUE_CONNECTIONS = 8,
    CACHE_CONNECTIONS = 32,
    STORE_REQUEST_ATTEMPTS = 2,
    ASSET_REQUEST_ATTEMPTS = 6, /* a part that fails costs the client its whole upload */
};

const char *api_public_endpoint(const struct config *config) {
    return *config->s3_public_endpoint == '\0' ? config->s3_endpoint : config->s3_public_endpoint;
}

static struct s3_config store_config(const struct config *config, bool is_public) {
    return (struct s3_config){
        .endpoint = is_public ? api_public_endpoint(config) : config->s3_endpoint,
        .region = config->s3_region,
        .bucket = config->s3_bucket,
        .access_key = config->s3_access_key,
        .secret_key = config->s3_secret_key,
        .session_token = config->s3_session_token,
        .path_style = config->s3_path_style,
        .ca_file = config->s3_ca_file,
        .max_attempts = STORE_REQUEST_ATTEMPTS,
    };
}

static bool make_store(struct api *api, struct error *err) {
    struct s3_config inside = store_config(api->config, false);
    struct s3_config outside = store_config(api->config, true);
    struct s3_config patient = inside;
    patient.max_attempts = ASSET_REQUEST_ATTEMPTS;
    size_t threads = (size_t)api->config->http_threads;
    size_t in_flight = (size_t)api->config->asset_parts_in_flight;
    if (!s3_pool_new(&inside, threads, &api->store, err)) {
        return error_prefix(err, "SLUICE_S3_ENDPOINT");
    }
    if (!s3_presign_new(&outside, &api->presign, err)) {
        return error_prefix(err, "SLUICE_S3_PUBLIC_ENDPOINT");
    }
    return s3_pool_new(&patient, threads * in_flight, &api->asset_store, err) &&
           health_new(api->config, &inside, &api->health, err);
}

static bool make_redis(struct api *api, struct error *err) {
    const struct config *config = api->config;
    if (!redis_pool_new(config->redis_url, QUEUE_CONNECTIONS, REDIS_TIMEOUT_MS, &api->queue, err)) {
        return error_prefix(err, "SLUICE_REDIS_URL");
    }
    return redis_pool_new(config_cache_url(config), CACHE_CONNECTIONS, REDIS_TIMEOUT_MS, &api->cache, err) ||
           error_prefix(err, "SLUICE_CACHE_REDIS_URL");
}

bool api_new(const struct config *config, struct api **ret_api, struct error *err) {
    _cleanup_(api_freep) struct api *api = xcalloc(1, sizeof *api);
    api->config = config;
    if (!db_url_check(config->database_url, err)) {
        return error_prefix(err, "SLUICE_DATABASE_URL");
    }
    api->database =
        db_pool_new(config->database_url, "sluice-api", (size_t)config->database_pool, STATEMENT_TIMEOUT_MS);
    api->inserter = file_inserter_new(api->database);
    api->logins = login_limit_new(config->admin_login_attempts);
    api->asset_memory = memory_budget_new(config->asset_memory_bytes);
    caller_rate_start(&api->rate, config);
    if (!auth_new(config, api->database, &api->auth, err) || !kind_policies_read(config, &api->policies, err) ||
        !cors_new(config->cors_origins, &api->cors, err) ||
        !trusted_proxies_new(config->trusted_proxies, &api->proxies, err) || !make_redis(api, err) ||
        !make_store(api, err) || !ml_client_check(config->ml_url, err) || !sse_hub_new(api, &api->hub, err)) {
        return false;
    }
    db_pool_on_announcement(api->database, sse_hub_announce, api->hub);
    *ret_api = take_ptr(api);
    return true;
}

void api_free(struct api *api) {
    if (api == NULL) {
        return;
    }
    sse_hub_free(api->hub);
    health_free(api->health);
    trusted_proxies_free(api->proxies);
    cors_free(api->cors);
    login_limit_free(api->logins);
    auth_free(api->auth);
    caller_rate_stop(&api->rate);
    memory_budget_free(api->asset_memory);
    s3_pool_free(api->asset_store);
    s3_pool_free(api->store);
    s3_presign_free(api->presign);
    redis_pool_free(api->cache);
    redis_pool_free(api->queue);
    file_inserter_free(api->inserter);
    db_pool_free(api->database);
    free(api);
}

bool api_take_database(struct api *api, struct db **ret_db, struct error *err) {
    return db_pool_take(api->database, POOL_TIMEOUT_MS, ret_db, err);
}

bool api_get_file(struct api *api, const struct request *request, const char *file_id, struct file_record **ret_record,
                  struct error *err) {
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    bool found = file_store_get(db, request->principal.owner_id, file_id, ret_record, err);
    db_pool_give(api->database, db);
    return found;
}

void api_wake_workers(struct api *api) {
    struct redis *redis = NULL;
    struct error error = {0};
    if (!redis_pool_take(api->queue, REDIS_TIMEOUT_MS, &redis, &error)) {
        log_debug("wake_failed", log_code(&error), log_message(&error));
        return;
    }
    if (!event_queue_wake(redis, api->config->events_list, &error)) {
        log_debug("wake_failed", log_code(&error), log_message(&error));
    }
    redis_pool_give(api->queue, redis);
}
