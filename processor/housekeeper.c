#include "processor/housekeeper.h"

#include "common/clock.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/metrics_server.h"
#include "processor/auditor.h"
#include "processor/batch_keeper.h"
#include "processor/connections.h"
#include "processor/dependency.h"
#include "processor/gauges.h"
#include "processor/purge.h"
#include "processor/sweeper.h"

#include <stdlib.h>

enum {
    SLEEP_SLICE_MS = 250, /* a stop that comes just before a sleep waits no longer than this */
    LISTEN_RETRY_MS = 1000,
    GAUGES_EVERY_MS = 10000,
};

static int64_t smaller(int64_t left, int64_t right) {
    return left < right ? left : right;
}

static void sleep_until(int64_t due_ms) {
    while (!daemon_stopping()) {
        int64_t left_ms = due_ms - clock_monotonic_ms();
        if (left_ms <= 0) {
            return;
        }
        clock_sleep_ms(left_ms < SLEEP_SLICE_MS ? left_ms : SLEEP_SLICE_MS);
    }
}

static void note(struct dependency *dependency, bool worked, const struct error *err) {
    if (worked) {
        dependency_works(dependency);
    } else {
        dependency_failed(dependency, err);
    }
}

/* An address that is taken, by a predecessor that still drains or by another processor of this host, must not keep the house
 * from being kept. */
static void listen_unless_done(const struct config *config, struct metrics_server **server,
                               struct dependency *listener) {
    const struct metrics_server_options options = {.listen = config->metrics_listen};
    struct error err = {0};
    if (*server == NULL) {
        note(listener, metrics_server_start(&options, server, &err), &err);
    }
}

static void keep_house(const struct config *config, struct connections *connections) {
    _cleanup_(sweeper_freep) struct sweeper *sweeper =
        sweeper_new(config, connections->db, connections->redis, connections->store);
    _cleanup_(auditor_freep) struct auditor *auditor =
        auditor_new(config, connections->db, connections->redis, connections->store);
    struct metrics_server *server = NULL; /* never stopped: civetweb takes 2 s for that, the end of the process none */
    struct dependency listener = {.name = "metrics_listener"};
    struct dependency sweep = {.name = "sweep"};
    struct dependency audit = {.name = "audit"};
    struct dependency purge = {.name = "purge"};
    struct dependency batches = {.name = "batches"};
    int64_t sweep_at_ms = 0;
    int64_t gauges_at_ms = 0;
    while (!daemon_stopping()) {
        struct error err = {0};
        int64_t now_ms = clock_monotonic_ms();
        listen_unless_done(config, &server, &listener);
        if (now_ms >= gauges_at_ms) {
            gauges_measure(config, connections);
            gauges_at_ms = clock_monotonic_ms() + GAUGES_EVERY_MS;
        }
        if (now_ms >= sweep_at_ms) {
            bool swept = sweeper_run(sweeper, &err);
            note(&sweep, swept, &err);
            if (swept) {
                gauges_sweep_completed();
            }
            note(&audit, auditor_run(auditor, now_ms, &err), &err);
            note(&purge, purge_run(config, connections->db, &err), &err);
            note(&batches, batch_keeper_run(connections->db, &err), &err);
            sweep_at_ms = clock_monotonic_ms() + config->sweep_interval_s * 1000;
        }
        sleep_until(smaller(sweep_at_ms, now_ms + LISTEN_RETRY_MS));
    }
}

int housekeeper_run(const struct role_context *context) {
    _cleanup_(connections_close) struct connections connections = {0};
    struct error err = {0};
    if (!connections_open(context->config, "sluice-housekeeper", &connections, &err)) {
        log_error("housekeeper_failed", log_code(&err), log_message(&err));
        return EXIT_FAILURE;
    }
    keep_house(context->config, &connections);
    return EXIT_SUCCESS;
}
