#include "api/health.h"

#include "common/clock.h"
#include "common/db.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/migrate.h"
#include "common/redis.h"
#include "common/s3_bucket.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

enum { FRESH_MS = 1000, TIMEOUT_MS = 2000 };

struct health {
    pthread_mutex_t lock; /* held while the checks run: those who ask meanwhile get the same answer */
    int64_t looked_ms;    /* 0: never */
    struct db *database;
    struct redis *queue;
    struct redis *cache;
    struct s3_client *store;
    struct health_check checks[HEALTH_CHECKS];
};

enum { POSTGRES, MIGRATIONS, QUEUE, CACHE, STORE };

bool health_new(const struct config *config, const struct s3_config *store, struct health **ret_health,
                struct error *err) {
    _cleanup_(health_freep) struct health *health = xcalloc(1, sizeof *health);
    pthread_mutex_init(&health->lock, NULL);
    struct s3_config quick = *store;
    quick.connect_timeout_ms = TIMEOUT_MS;
    quick.request_timeout_ms = TIMEOUT_MS;
    quick.max_attempts = 1;
    health->database = db_new(config->database_url, "sluice-api health", TIMEOUT_MS);
    if (!redis_new(config->redis_url, TIMEOUT_MS, &health->queue, err) ||
        !redis_new(config_cache_url(config), TIMEOUT_MS, &health->cache, err) ||
        !s3_client_new(&quick, &health->store, err)) {
        return false;
    }
    static const char *const names[] = {"postgres", "migrations", "redis", "cache", "store"};
    for (size_t i = 0; i < HEALTH_CHECKS; i++) {
        health->checks[i] = (struct health_check){.name = names[i], .ok = true};
        metrics_set(METRIC_DEPENDENCY_UP, i, 1); /* nobody has looked, nothing is wrong */
    }
    metrics_label(METRIC_DEPENDENCY_UP, names, HEALTH_CHECKS);
    *ret_health = take_ptr(health);
    return true;
}

void health_free(struct health *health) {
    if (health != NULL) {
        pthread_mutex_destroy(&health->lock);
        db_free(health->database);
        redis_free(health->queue);
        redis_free(health->cache);
        s3_client_free(health->store);
        free(health);
    }
}

/* Says in the log when something goes and when it is back. */
static void note(struct health_check *check, bool ok, const struct error *err) {
    if (check->ok && !ok) {
        log_warn("dependency_down", log_text("dependency", check->name), log_code(err), log_message(err));
    } else if (!check->ok && ok) {
        log_info("dependency_up", log_text("dependency", check->name));
    }
    check->ok = ok;
    check->code = ok ? ERROR_NONE : err->code;
}

static void *check_postgres(void *context) {
    struct health *health = context;
    struct error error = {0};
    size_t missing = 0;
    bool connected = db_connect(health->database, &error);
    note(&health->checks[POSTGRES], connected, &error);
    bool current = connected && migrate_missing(health->database, &missing, &error);
    if (current && missing > 0) {
        current = error_set(&error, ERROR_CONFLICT, "%zu migrations are missing; run sluice migrate", missing);
    }
    note(&health->checks[MIGRATIONS], current, &error);
    return NULL;
}

static void *check_queue(void *context) {
    struct health *health = context;
    struct error error = {0};
    note(&health->checks[QUEUE], redis_ping(health->queue, &error), &error);
    return NULL;
}

static void *check_cache(void *context) {
    struct health *health = context;
    struct error error = {0};
    note(&health->checks[CACHE], redis_ping(health->cache, &error), &error);
    return NULL;
}

static void *check_store(void *context) {
    struct health *health = context;
    struct error error = {0};
    bool exists = false;
    bool ok = s3_bucket_exists(health->store, &exists, &error);
    if (ok && !exists) {
        ok = error_set(&error, ERROR_STORE_NOT_FOUND, "the bucket does not exist");
    }
    note(&health->checks[STORE], ok, &error);
    return NULL;
}

/* The last one on this thread; also any whose thread cannot be made. */
static void look_now(struct health *health) {
    static void *(*const checks[])(void *) = {check_queue, check_cache, check_store, check_postgres};
    enum { COUNT = sizeof checks / sizeof checks[0] };
    pthread_t threads[COUNT];
    bool started[COUNT] = {false};
    for (size_t i = 0; i + 1 < COUNT; i++) {
        started[i] = pthread_create(&threads[i], NULL, checks[i], health) == 0;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (!started[i]) {
            checks[i](health);
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (started[i]) {
            pthread_join(threads[i], NULL);
        }
    }
    for (size_t i = 0; i < HEALTH_CHECKS; i++) {
        metrics_set(METRIC_DEPENDENCY_UP, i, health->checks[i].ok);
    }
}

bool health_look(struct health *health, struct health_check ret_checks[HEALTH_CHECKS]) {
    pthread_mutex_lock(&health->lock);
    if (health->looked_ms == 0 || clock_monotonic_ms() - health->looked_ms >= FRESH_MS) {
        look_now(health);
        health->looked_ms = clock_monotonic_ms();
    }
    memcpy(ret_checks, health->checks, sizeof health->checks);
    pthread_mutex_unlock(&health->lock);
    for (size_t i = 0; i < HEALTH_CHECKS; i++) {
        if (!ret_checks[i].ok) {
            return false;
        }
    }
    return true;
}
