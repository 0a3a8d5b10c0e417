/* Everything that handlers share, made once at the start and passed to each of them. */
#ifndef SLUICE_API_API_H
#define SLUICE_API_API_H

#include "api/auth.h"
#include "api/caller_rate.h"
#include "api/cors.h"
#include "api/health.h"
#include "api/login_limit.h"
#include "api/memory_budget.h"
#include "api/s3_pool.h"
#include "api/trusted_proxies.h"
#include "common/file_store.h"
#include "common/kind_policy.h"
#include "common/redis.h"
#include "common/s3_presign.h"

#include <stdatomic.h>

struct api {
    const struct config *config;
    struct db_pool *database;
    struct file_inserter *inserter;
    struct redis_pool *queue;
    struct redis_pool *cache;
    struct s3_presign *presign;
    struct s3_pool *store;
    struct s3_pool *asset_store;        /* for uploads through the server: more patient */
    struct memory_budget *asset_memory; /* … and what they may take */
    struct auth *auth;
    struct caller_rate rate;
    struct kind_policies policies;
    struct login_limit *logins;
    struct cors *cors;
    struct trusted_proxies *proxies;
    struct health *health;
    struct sse_hub *hub;
    atomic_bool draining; /* no new work; what runs may end */
    atomic_int waiting;   /* requests with ?wait */
};

/* Connects to nothing yet: each dependency is reached at its first use. ERROR_CONFIG. `config` is borrowed. */
bool api_new(const struct config *config, struct api **ret_api, struct error *err) MUST_CHECK;
void api_free(struct api *api);
DEFINE_CLEANUP(struct api *, api)

/* The store as clients reach it. Pure. */
const char *api_public_endpoint(const struct config *config);

/* A connection to Postgres for a request; give it back with db_pool_give(api->database, …). */
bool api_take_database(struct api *api, struct db **ret_db, struct error *err) MUST_CHECK;

/* A record of the request's owner, on a connection that is held for the statement only. */
bool api_get_file(struct api *api, const struct request *request, const char *file_id, struct file_record **ret_record,
                  struct error *err) MUST_CHECK;

/* Tells idle workers that there is work; a failure is logged and costs no more than the time until they poll. */
void api_wake_workers(struct api *api);

#endif
