#include "cli/commands.h"
#include "cli/sweep.h"
#include "common/event_queue.h"
#include "common/s3_bucket.h"

enum { REDIS_TIMEOUT_MS = 5000, ORPHAN_AGE_MAX_S = 366 * 86400, LOCK_TIMEOUT_MS = 60000 };

static bool (*const parts[])(struct sweep *sweep, struct error *err) = {sweep_pending, sweep_multiparts, sweep_staged,
                                                                        sweep_bucket};

/* Without it the workers look by themselves, a little later. */
static void wake(const struct config *config) {
    struct error ignored;
    _cleanup_(redis_freep) struct redis *redis = NULL;
    if (redis_new(config->redis_url, REDIS_TIMEOUT_MS, &redis, &ignored)) {
        (void)!event_queue_wake(redis, config->events_list, &ignored);
    }
}

static void sum_up(const struct sweep *sweep) {
    printf("%zu found, %zu expired, %zu still waiting, %zu unclear, %zu changed; %zu multipart upload%s, %zu staged "
           "and %zu orphan%s%s\n",
           sweep->found, sweep->expired, sweep->waiting, sweep->unclear, sweep->changed, sweep->uploads,
           sweep->uploads == 1 ? "" : "s", sweep->staged, sweep->orphans, sweep->orphans == 1 ? "" : "s",
           sweep->dry_run ? "; nothing was changed (--dry-run)" : " removed");
}

bool command_sweep(const struct config *config, const struct options *options, struct error *err) {
    struct s3_config store = {.endpoint = config->s3_endpoint,
                              .region = config->s3_region,
                              .bucket = config->s3_bucket,
                              .access_key = config->s3_access_key,
                              .secret_key = config->s3_secret_key,
                              .session_token = config->s3_session_token,
                              .path_style = config->s3_path_style,
                              .ca_file = config->s3_ca_file};
    _cleanup_(s3_client_freep) struct s3_client *client = NULL;
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    int64_t orphan_age_s = 0;
    if (!options_int(options, "orphan-age", 0, ORPHAN_AGE_MAX_S, config->orphan_age_s, &orphan_age_s, err) ||
        !s3_client_new(&store, &client, err)) {
        return false;
    }
    struct sweep sweep = {.config = config,
                          .db = db,
                          .store = client,
                          .dry_run = options_has(options, "dry-run"),
                          .force = options_has(options, "force"),
                          .orphan_age_s = orphan_age_s,
                          .lock_timeout_ms = LOCK_TIMEOUT_MS};
    bool good = s3_bucket_require(client, err);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && good; i++) {
        good = parts[i](&sweep, err);
    }
    if (sweep.found > 0 && !sweep.dry_run) {
        wake(config);
    }
    if (good) {
        sum_up(&sweep);
    }
    return good;
}
