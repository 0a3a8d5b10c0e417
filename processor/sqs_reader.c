#include "processor/sqs_reader.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/daemon.h"
#include "common/event_queue.h"
#include "common/log.h"
#include "common/metrics.h"
#include "processor/connections.h"
#include "processor/ingest.h"
#include "processor/ingest_sqs.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    MS_PER_S = 1000,
    TURN_LIMIT_MS = 120000, /* beyond the wait for messages; longer than all timeouts that a turn can meet */
    ALARM_MARGIN_S = 15,
    PAUSE_MIN_MS = 500, /* after a failure, and up to so much more */
    PAUSE_EXTRA_MS = 2000,
    REST_SLICE_MS = 250,
    COUNT_EVERY_MS = 30000, /* what waits in the queue */
};

struct sqs_reader {
    const struct role_context *context;
    const struct config *config;
    struct connections connections;
    struct step_tools tools;
    struct sqs_client *client;
    struct ingest_sqs *source;
    struct ingest *ingest;
    struct dependency database, store, sqs, count;
    int64_t count_at_ms; /* monotonic */
};

static void sqs_reader_close(struct sqs_reader *reader) {
    ingest_free(reader->ingest);
    ingest_sqs_free(reader->source);
    sqs_client_free(reader->client);
    connections_close(&reader->connections);
}

static bool sqs_reader_open(struct sqs_reader *reader, struct error *err) {
    const struct config *config = reader->config;
    struct sqs_options options = sqs_options_of(config);
    options.is_cancelled = daemon_stopping;
    reader->database.name = "database";
    reader->store.name = "store";
    reader->sqs.name = "sqs";
    reader->count.name = "sqs_attributes";
    if (!connections_open(config, "sluice-sqs", &reader->connections, err) ||
        !sqs_client_new(&options, &reader->client, err)) {
        return false;
    }
    reader->tools = (struct step_tools){
        .db = reader->connections.db,
        .store = reader->connections.store,
        .cache = reader->connections.cache,
        .cache_state = {.name = "cache"},
    };
    reader->source = ingest_sqs_new(reader->client, config->sqs_visibility_s);
    const struct ingest_source source = ingest_sqs_source(reader->source);
    reader->ingest = ingest_new(&source, config->s3_bucket, reader->connections.db, &reader->tools);
    return true;
}

/* Tells the supervisor what to allow, and the kernel too: a reader whose supervisor was killed must not hang for ever. */
static void begin(struct sqs_reader *reader) {
    int64_t limit_ms = reader->config->sqs_wait_s * MS_PER_S + TURN_LIMIT_MS;
    activity_begin(reader->context->activity, clock_monotonic_ms(), limit_ms);
    alarm((unsigned)(limit_ms / MS_PER_S) + ALARM_MARGIN_S);
}

static void rest(void) {
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    int64_t due_ms = clock_monotonic_ms() + PAUSE_MIN_MS + (int64_t)(random % PAUSE_EXTRA_MS);
    for (int64_t left_ms = 1; left_ms > 0 && !daemon_stopping(); left_ms = due_ms - clock_monotonic_ms()) {
        clock_sleep_ms(REST_SLICE_MS);
    }
}

static struct dependency *dependency_behind(struct sqs_reader *reader, const struct error *err) {
    switch (err->code) {
    case ERROR_SQS_UNAVAILABLE:
    case ERROR_SQS_REFUSED:
    case ERROR_SQS_BAD_REPLY:
        return &reader->sqs;
    case ERROR_STORE_UNAVAILABLE:
    case ERROR_STORE_DENIED:
    case ERROR_STORE_ERROR:
        return &reader->store;
    default:
        return &reader->database;
    }
}

/* For people and autoscalers; nothing goes by it, and credentials that do not allow it are fine. */
static void count_waiting(struct sqs_reader *reader) {
    struct error err = {0};
    int64_t waiting = 0;
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms < reader->count_at_ms || reader->sqs.is_down) {
        return;
    }
    reader->count_at_ms = now_ms + COUNT_EVERY_MS;
    if (sqs_client_waiting(reader->client, &waiting, &err)) {
        dependency_works(&reader->count);
        metrics_set(METRIC_SQS_WAITING, 0, waiting);
    } else {
        dependency_failed(&reader->count, &err);
    }
}

static void turn(struct sqs_reader *reader) {
    struct ingest_tally tally = {0};
    struct error err = {0};
    begin(reader);
    bool is_done = ingest_run(reader->ingest, NULL, NULL, &tally, &err);
    if (tally.counted > 0) {
        struct error ignored; /* workers look for work by themselves, only later */
        (void)!event_queue_wake(reader->connections.redis, reader->config->events_list, &ignored);
    }
    if (!is_done) {
        if (!daemon_stopping()) {
            dependency_failed(dependency_behind(reader, &err), &err);
            rest();
        }
        return;
    }
    dependency_works(&reader->sqs);
    if (tally.taken > 0) {
        dependency_works(&reader->database);
        dependency_works(&reader->store);
    }
    count_waiting(reader);
}

int sqs_reader_run(const struct role_context *context) {
    _cleanup_(sqs_reader_close) struct sqs_reader reader = {.context = context, .config = context->config};
    struct error err = {0};
    if (!sqs_reader_open(&reader, &err)) {
        log_error("sqs_reader_failed", log_code(&err), log_message(&err));
        return EXIT_FAILURE;
    }
    while (!daemon_stopping()) {
        turn(&reader);
        activity_end(context->activity);
    }
    return EXIT_SUCCESS;
}
