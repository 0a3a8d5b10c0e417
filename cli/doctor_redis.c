#include "cli/doctor.h"
#include "common/redis_server.h"

#include <string.h>

void doctor_check_redis(struct doctor *doctor, struct doctor_finding *finding) {
    struct error err = {0};
    if (!redis_new(doctor->config->redis_url, DOCTOR_TIMEOUT_MS, &doctor->queue, &err) ||
        !redis_info(doctor->queue, &doctor->queue_info, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        return;
    }
    char version[REDIS_INFO_VALUE_SIZE];
    redis_info_value(buf_text(&doctor->queue_info), "redis_version", version);
    doctor->facts |= DOCTOR_QUEUE;
    doctor_found(finding, DOCTOR_OK, "Redis %s answers", version);
}

/* The event list has no time to live, so that the volatile policies leave it alone. */
void doctor_check_redis_policy(struct doctor *doctor, struct doctor_finding *finding) {
    char policy[REDIS_INFO_VALUE_SIZE];
    redis_info_value(buf_text(&doctor->queue_info), "maxmemory_policy", policy);
    if (strcmp(policy, "noeviction") == 0) {
        doctor_found(finding, DOCTOR_OK, "noeviction");
    } else if (strncmp(policy, "volatile-", 9) == 0) {
        doctor_found(finding, DOCTOR_WARN,
                     "the Redis of the event list has an evicting policy (%s); it spares the list, but also cached "
                     "content must fit beside it",
                     policy);
    } else if (*policy == '\0') {
        doctor_found(finding, DOCTOR_WARN, "this server does not tell its maxmemory-policy");
    } else {
        doctor_found(finding, DOCTOR_FAIL,
                     "the Redis of the event list has an evicting policy (%s): when its memory is full it drops events",
                     policy);
    }
}

void doctor_check_redis_persistence(struct doctor *doctor, struct doctor_finding *finding) {
    char enabled[REDIS_INFO_VALUE_SIZE];
    char status[REDIS_INFO_VALUE_SIZE];
    redis_info_value(buf_text(&doctor->queue_info), "aof_enabled", enabled);
    redis_info_value(buf_text(&doctor->queue_info), "aof_last_write_status", status);
    if (strcmp(enabled, "1") != 0) {
        doctor_found(finding, DOCTOR_WARN, "the append-only file is off");
    } else if (*status != '\0' && strcmp(status, "ok") != 0) {
        doctor_found(finding, DOCTOR_FAIL, "the append-only file cannot be written (%s)", status);
        doctor_advise(finding, "make room on the disk of Redis; see its log");
    } else {
        doctor_found(finding, DOCTOR_OK, "the append-only file is on");
    }
}

static bool read_cache_info(const struct config *config, struct buf *ret_info, struct error *err) {
    _cleanup_(redis_freep) struct redis *cache = NULL;
    return redis_new(config->cache_redis_url, DOCTOR_TIMEOUT_MS, &cache, err) && redis_info(cache, ret_info, err);
}

void doctor_check_cache(struct doctor *doctor, struct doctor_finding *finding) {
    static const char own_one[] = "give the content cache a Redis of its own: set SLUICE_CACHE_REDIS_URL";
    _cleanup_(buf_free) struct buf info = {0};
    struct error err = {0};
    if (*doctor->config->cache_redis_url == '\0') {
        doctor_found(finding, DOCTOR_WARN, "cached content shares the Redis and the memory limit of the event list");
        doctor_advise(finding, "%s", own_one);
        return;
    }
    if (!read_cache_info(doctor->config, &info, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        return;
    }
    char run_id[REDIS_INFO_VALUE_SIZE];
    char queue_run_id[REDIS_INFO_VALUE_SIZE];
    char policy[REDIS_INFO_VALUE_SIZE];
    redis_info_value(buf_text(&info), "run_id", run_id);
    redis_info_value(buf_text(&doctor->queue_info), "run_id", queue_run_id);
    redis_info_value(buf_text(&info), "maxmemory_policy", policy);
    if (*run_id != '\0' && strcmp(run_id, queue_run_id) == 0) {
        doctor_found(finding, DOCTOR_WARN,
                     "the cache's Redis is the one of the event list: they share one memory limit");
        doctor_advise(finding, "%s", own_one);
    } else {
        doctor_found(finding, DOCTOR_OK, "the cache's Redis answers (%s)", policy);
    }
}
