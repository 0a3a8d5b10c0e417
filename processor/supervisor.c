#include "processor/supervisor.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/daemon.h"
#include "common/encode.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/sqs_client.h"
#include "processor/children.h"
#include "processor/connections.h"
#include "processor/housekeeper.h"
#include "processor/picture_tools.h"
#include "processor/sqs_reader.h"
#include "processor/tagger.h"
#include "processor/upkeep.h"
#include "processor/webhook_sender.h"
#include "processor/worker.h"

#include <sched.h>
#include <string.h>

enum {
    RELEASE_EVERY_MS = 1000,
    BEATS_PER_LEASE = 3,
    WATCH_EVERY_MS = 500, /* overdue children are looked for so often */
    WORKERS_PER_CORE = 2,
    WORKERS_MAX = 256,
    HOST_SIZE = 65,
    INSTANCE_BYTES = 4,
    MS_PER_S = 1000,
};

static const struct role worker_role = {"worker", true, worker_run};
static const struct role housekeeper_role = {"housekeeper", false, housekeeper_run};
static const struct role tagger_role = {"tagger", false, tagger_run};
static const struct role webhook_role = {"webhooks", false, webhook_sender_run};
static const struct role sqs_role = {"sqs", false, sqs_reader_run};

struct supervisor {
    const struct config *config;
    struct children *children;
    struct upkeep *upkeep;
    sigset_t signals;
    int64_t next_release_ms, next_beat_ms;
};

static size_t worker_count(const struct config *config) {
    if (config->workers > 0) {
        return (size_t)config->workers;
    }
    cpu_set_t cores; /* those that this process may use, which in a container are fewer than those there are */
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    size_t workers = (size_t)count * WORKERS_PER_CORE;
    return workers < WORKERS_MAX ? workers : WORKERS_MAX;
}

/* Unlike that of every other supervisor, also of an earlier one on this host. */
static void make_prefix(char *ret_prefix, size_t size) {
    char host[HOST_SIZE] = "";
    unsigned char instance[INSTANCE_BYTES];
    char hex[2 * INSTANCE_BYTES + 1];
    gethostname(host, sizeof host - 1);
    random_bytes(instance, sizeof instance);
    encode_hex(instance, sizeof instance, hex);
    snprintf(ret_prefix, size, "%s-%s", host, hex);
}

/* The signals are taken by sigtimedwait only, so that none comes between a check and a wait. */
static void block_signals(struct supervisor *supervisor) {
    sigemptyset(&supervisor->signals);
    sigaddset(&supervisor->signals, SIGCHLD);
    sigaddset(&supervisor->signals, SIGTERM);
    sigaddset(&supervisor->signals, SIGINT);
    sigprocmask(SIG_BLOCK, &supervisor->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void wait_for_signal(struct supervisor *supervisor, int64_t until_ms) {
    int64_t left_ms = until_ms - clock_monotonic_ms();
    left_ms = left_ms < 0 ? 0 : left_ms < WATCH_EVERY_MS ? left_ms : WATCH_EVERY_MS;
    const struct timespec timeout = {.tv_sec = left_ms / MS_PER_S, .tv_nsec = left_ms % MS_PER_S * 1000000};
    int signal_number = sigtimedwait(&supervisor->signals, NULL, &timeout);
    if (signal_number == SIGTERM || signal_number == SIGINT) {
        daemon_stop();
    }
}

static void reap(struct supervisor *supervisor) {
    struct child_end end;
    while (children_reap(supervisor->children, clock_monotonic_ms(), &end)) {
        if (end.role->has_jobs) {
            upkeep_bury(supervisor->upkeep, end.name);
            supervisor->next_release_ms = 0; /* at once */
        }
        if (end.is_lone) {
            metrics_add(METRIC_WORKER_DEATHS, 0, end.role->has_jobs);
            log_error("child_died", log_text("child", end.name), log_int("child_pid", end.pid),
                      log_int("status", end.status));
        }
    }
}

static void keep_leases(struct supervisor *supervisor) {
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms >= supervisor->next_beat_ms) {
        const char *workers[WORKERS_MAX];
        size_t count = children_healthy_workers(supervisor->children, now_ms, workers, WORKERS_MAX);
        upkeep_beat(supervisor->upkeep, workers, count);
        supervisor->next_beat_ms = now_ms + supervisor->config->lease_s * MS_PER_S / BEATS_PER_LEASE;
    }
    if (now_ms >= supervisor->next_release_ms) {
        upkeep_release(supervisor->upkeep);
        supervisor->next_release_ms = now_ms + RELEASE_EVERY_MS;
    }
}

static int64_t next_duty_ms(const struct supervisor *supervisor) {
    int64_t next_ms = children_next_start_ms(supervisor->children);
    next_ms = next_ms < supervisor->next_beat_ms ? next_ms : supervisor->next_beat_ms;
    return next_ms < supervisor->next_release_ms ? next_ms : supervisor->next_release_ms;
}

/* Children first: they need the supervisor whatever the database does. */
static void supervise(struct supervisor *supervisor) {
    int64_t now_ms = clock_monotonic_ms();
    children_kill_overdue(supervisor->children, now_ms);
    reap(supervisor);
    children_start(supervisor->children, now_ms);
    metrics_set(METRIC_WORKERS, 0, (int64_t)children_workers_running(supervisor->children));
    keep_leases(supervisor);
    wait_for_signal(supervisor, next_duty_ms(supervisor));
}

static void supervise_until(struct supervisor *supervisor, int64_t deadline_ms) {
    while (children_running(supervisor->children) > 0 && clock_monotonic_ms() < deadline_ms) {
        supervise(supervisor);
    }
}

/* Jobs under way get their time; those that need longer go back to others. */
static void drain(struct supervisor *supervisor) {
    const struct config *config = supervisor->config;
    int64_t patience_s =
        config->drain_timeout_s < config->job_deadline_s ? config->drain_timeout_s : config->job_deadline_s;
    log_info("draining", log_int("children", (int64_t)children_running(supervisor->children)));
    children_ask_to_stop(supervisor->children);
    supervise_until(supervisor, clock_monotonic_ms() + patience_s * MS_PER_S);
    if (children_running(supervisor->children) > 0) {
        log_warn("drain_timeout", log_int("children", (int64_t)children_running(supervisor->children)));
        children_kill(supervisor->children);
        supervise_until(supervisor, clock_monotonic_ms() + MS_PER_S);
    }
    upkeep_release(supervisor->upkeep);
}

static void supervisor_close(struct supervisor *supervisor) {
    children_free(supervisor->children);
    upkeep_free(supervisor->upkeep);
}

bool supervisor_run(const struct config *config, struct error *err) {
    _cleanup_(supervisor_close) struct supervisor supervisor = {.config = config};
    char prefix[CHILD_NAME_SIZE / 2 + HOST_SIZE / 2];
    make_prefix(prefix, sizeof prefix);
    struct kind_policies policies;
    if (!kind_policies_read(config, &policies, err) || !connections_check(config, err) ||
        !picture_tools_check(config, err) || !tagger_check(config, err) || !sqs_options_check(config, err) ||
        !upkeep_new(config, &supervisor.upkeep, err)) {
        return false;
    }
    block_signals(&supervisor);
    supervisor.children = children_new(config, prefix);
    children_add(supervisor.children, &worker_role, worker_count(config));
    children_add(supervisor.children, &housekeeper_role, 1);
    children_add(supervisor.children, &tagger_role, *config->ml_url == '\0' ? 0 : 1);
    children_add(supervisor.children, &webhook_role, 1);
    children_add(supervisor.children, &sqs_role, *config->sqs_queue_url == '\0' ? 0 : 1);
    while (!daemon_stopping()) {
        supervise(&supervisor);
    }
    drain(&supervisor);
    log_info("stopped", log_text("instance", prefix));
    return true;
}
