#include "processor/connections.h"

#include "common/listen.h"
#include "common/log.h"
#include "common/outbox.h"

#include <string.h>

enum { STATEMENT_TIMEOUT_MS = 30000, REDIS_TIMEOUT_MS = 2000 };

static bool check_redis(const char *setting, const char *url, struct error *err) {
    _cleanup_(redis_freep) struct redis *redis = NULL;
    return redis_new(url, REDIS_TIMEOUT_MS, &redis, err) || error_prefix(err, "%s", setting);
}

bool connections_check(const struct config *config, struct error *err) {
    _cleanup_(s3_endpoint_free) struct s3_endpoint endpoint = {0};
    struct listen_address address;
    if (!db_url_check(config->database_url, err)) {
        return error_prefix(err, "SLUICE_DATABASE_URL");
    }
    if (!s3_endpoint_parse(config->s3_endpoint, config->s3_bucket, config->s3_path_style, &endpoint, err)) {
        return error_prefix(err, "SLUICE_S3_ENDPOINT");
    }
    if (!listen_parse(config->metrics_listen, &address, err)) {
        return error_prefix(err, "SLUICE_METRICS_LISTEN");
    }
    return check_redis("SLUICE_REDIS_URL", config->redis_url, err) &&
           check_redis("SLUICE_CACHE_REDIS_URL", config_cache_url(config), err);
}

void connections_announce(void *redis) {
    struct error error = {0};
    if (!redis_publish(redis, OUTBOX_CHANNEL, "", &error)) {
        log_debug("announce_failed", log_code(&error), log_message(&error));
    }
}

static bool open_all(const struct config *config, const char *application, struct connections *connections,
                     struct error *err) {
    const struct s3_config store = {
        .endpoint = config->s3_endpoint,
        .region = config->s3_region,
        .bucket = config->s3_bucket,
        .access_key = config->s3_access_key,
        .secret_key = config->s3_secret_key,
        .session_token = config->s3_session_token,
        .path_style = config->s3_path_style,
        .ca_file = config->s3_ca_file,
    };
    connections->db = db_new(config->database_url, application, STATEMENT_TIMEOUT_MS);
    db_plan_look_ups(connections->db);
    if (!s3_client_new(&store, &connections->store, err) ||
        !redis_new(config->redis_url, REDIS_TIMEOUT_MS, &connections->redis, err)) {
        return false;
    }
    db_on_announcement(connections->db, connections_announce, connections->redis);
    if (strcmp(config_cache_url(config), config->redis_url) == 0) {
        connections->cache = connections->redis;
        return true;
    }
    return redis_new(config_cache_url(config), REDIS_TIMEOUT_MS, &connections->cache, err);
}

bool connections_open(const struct config *config, const char *application, struct connections *ret_connections,
                      struct error *err) {
    *ret_connections = (struct connections){0};
    if (open_all(config, application, ret_connections, err)) {
        return true;
    }
    connections_close(ret_connections);
    return false;
}

void connections_close(struct connections *connections) {
    if (connections->cache != connections->redis) {
        redis_free(connections->cache);
    }
    redis_free(connections->redis);
    s3_client_free(connections->store);
    db_free(connections->db);
    *connections = (struct connections){0};
}
