#include "processor/tagger.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/xalloc.h"
#include "processor/connections.h"
#include "processor/dependency.h"
#include "processor/label_set.h"
#include "processor/storable.h"

enum {
    MS_PER_S = 1000,
    REST_SLICE_MS = 250,
    OUTAGE_PAUSE_MS = 5000,
    LEASE_MARGIN_S = 60, /* of a lease, beyond the service's time-out */
    PICTURE_MAX_BYTES = 32 << 20,
    TAGS_MAX = 100,
};

enum tagging { TAGGING_DONE, TAGGING_POSTPONED, TAGGING_FAILED, TAGGING_COUNT };
static const char *const tagging_names[TAGGING_COUNT] = {"tagged", "postponed", "failed"};

struct tagger {
    const struct role_context *context;
    const struct config *config;
    struct connections connections;
    struct ml_client *ml;
    struct label_set labels;
    struct dependency database, service;
};

static bool make_client(const struct config *config, struct ml_client **ret_ml, struct error *err) {
    const struct ml_options options = {config->ml_url, config->ml_model, config->ml_timeout_s * MS_PER_S,
                                       config->ml_ca_file};
    return ml_client_new(&options, ret_ml, err);
}

bool tagger_check(const struct config *config, struct error *err) {
    _cleanup_(label_set_free) struct label_set labels = {0};
    return *config->ml_url == '\0' ||
           (ml_client_check(config->ml_url, err) && label_set_make(config->ml_labels, config->ml_prompt, &labels, err));
}

static void tagger_close(struct tagger *tagger) {
    label_set_free(&tagger->labels);
    ml_client_free(tagger->ml);
    connections_close(&tagger->connections);
}

static void begin(struct tagger *tagger) {
    int64_t limit_ms = 2 * (tagger->config->ml_timeout_s + LEASE_MARGIN_S) * MS_PER_S;
    activity_begin(tagger->context->activity, clock_monotonic_ms(), limit_ms);
}

static void rest(int64_t duration_ms) {
    int64_t due_ms = clock_monotonic_ms() + duration_ms;
    for (int64_t left_ms = duration_ms; left_ms > 0 && !daemon_stopping(); left_ms = due_ms - clock_monotonic_ms()) {
        clock_sleep_ms(left_ms < REST_SLICE_MS ? left_ms : REST_SLICE_MS);
    }
}

/* The vector that the picture had from this model before, if it goes with the labels; else a new one. */
static bool embed(struct tagger *tagger, struct tag_job *job, struct error *err) {
    const struct label_set *labels = &tagger->labels;
    if (job->embedding.count > 0 && (labels->count == 0 || labels->embeddings[0].count == job->embedding.count)) {
        return true;
    }
    embedding_free(&job->embedding);
    _cleanup_(buf_free) struct buf picture = {0};
    if (!s3_client_read(tagger->connections.store, job->object_key, PICTURE_MAX_BYTES, &picture, NULL, err)) {
        return false;
    }
    int64_t started_us = clock_monotonic_us();
    bool is_embedded = ml_client_image(tagger->ml, &picture, job->content_type, &job->embedding, err);
    metrics_observe_us(METRIC_ML_DURATION, 0, clock_monotonic_us() - started_us);
    return is_embedded;
}

static bool tag(struct tagger *tagger, struct tag_job *job, bool *ret_held, struct error *err) {
    const struct config *config = tagger->config;
    if (job->object_key == NULL) { /* its variants went since */
        return tag_store_finish(tagger->connections.db, job, config->ml_model, NULL, NULL, 0, ret_held, err);
    }
    struct tag tags[TAGS_MAX];
    size_t count = 0;
    return label_set_load(&tagger->labels, tagger->connections.db, tagger->ml, config->ml_model, err) &&
           embed(tagger, job, err) &&
           label_set_match(&tagger->labels, &job->embedding, (size_t)config->ml_tags, (float)config->ml_score / 1000,
                           tags, &count, err) &&
           tag_store_finish(tagger->connections.db, job, config->ml_model, &job->embedding, tags, count, ret_held, err);
}

/* A service that answers a ping, and did not answer this picture, has its trouble with the picture. */
static bool is_outage(struct tagger *tagger, const struct error *reason) {
    struct error ignored;
    return error_disposition(reason) == OUTAGE &&
           !(reason->code == ERROR_ML_UNAVAILABLE && ml_client_ping(tagger->ml, &ignored));
}

static void note_failure(struct tagger *tagger, const struct tag_job *job, enum tagging end,
                         const struct error *reason) {
    metrics_increment(METRIC_TAGGINGS, end);
    log_warn(end == TAGGING_FAILED ? "tagging_failed" : "tagging_postponed", log_text("file_id", job->file_id),
             log_int("attempt", job->attempts), log_code(reason), log_message(reason));
    if (reason->code == ERROR_ML_UNAVAILABLE) {
        dependency_failed(&tagger->service, reason);
    }
}

/* How long to pause before the next job. */
static int64_t put_off(struct tagger *tagger, const struct tag_job *job, struct error *reason) {
    const struct config *config = tagger->config;
    struct error err = {0};
    uint64_t random = 0;
    bool is_down = is_outage(tagger, reason);
    bool is_final = !is_down && (job->attempts >= config->max_attempts || error_disposition(reason) == PERMANENT);
    random_bytes(&random, sizeof random);
    unsigned before = job->attempts > 0 ? (unsigned)job->attempts - 1 : 0;
    int64_t delay_ms = backoff_ms(before, config->retry_base_ms, config->retry_max_ms, random);
    make_storable(reason->message);
    bool is_written = is_down ? tag_store_give_back(tagger->connections.db, job, OUTAGE_PAUSE_MS, reason, &err)
                              : tag_store_postpone(tagger->connections.db, job, is_final, delay_ms, reason, &err);
    if (!is_written) { /* it is due again when its lease is over */
        dependency_failed(&tagger->database, &err);
    }
    note_failure(tagger, job, is_final ? TAGGING_FAILED : TAGGING_POSTPONED, reason);
    return is_down || !is_written ? OUTAGE_PAUSE_MS : 0;
}

/* One job, if any is due. Returns how long to pause before the next one, in ms. */
static int64_t turn(struct tagger *tagger) {
    const struct config *config = tagger->config;
    _cleanup_(tag_job_free) struct tag_job job = {0};
    struct error err = {0};
    bool is_found = false;
    bool is_held = false;
    begin(tagger);
    if (!tag_store_claim(tagger->connections.db, config->ml_timeout_s + LEASE_MARGIN_S, config->ml_model, &job,
                         &is_found, &err)) {
        dependency_failed(&tagger->database, &err);
        return OUTAGE_PAUSE_MS;
    }
    dependency_works(&tagger->database);
    if (!is_found) {
        return config->poll_ms;
    }
    if (!tag(tagger, &job, &is_held, &err)) {
        return put_off(tagger, &job, &err);
    }
    dependency_works(&tagger->service);
    metrics_increment(METRIC_TAGGINGS, TAGGING_DONE);
    log_info(is_held ? "file_tagged" : "tagging_lost", log_text("file_id", job.file_id),
             log_int("attempt", job.attempts));
    return 0;
}

static bool tagger_open(struct tagger *tagger, struct error *err) {
    const struct config *config = tagger->config;
    tagger->database.name = "database";
    tagger->service.name = "ml_service";
    return connections_open(config, "sluice-tagger", &tagger->connections, err) &&
           make_client(config, &tagger->ml, err) &&
           label_set_make(config->ml_labels, config->ml_prompt, &tagger->labels, err);
}

int tagger_run(const struct role_context *context) {
    _cleanup_(tagger_close) struct tagger tagger = {.context = context, .config = context->config};
    struct error err = {0};
    if (!tagger_open(&tagger, &err)) {
        log_error("tagger_failed", log_code(&err), log_message(&err));
        return EXIT_FAILURE;
    }
    while (!daemon_stopping()) {
        int64_t pause_ms = turn(&tagger);
        activity_end(context->activity);
        rest(pause_ms);
    }
    return EXIT_SUCCESS;
}

void tagger_label_metrics(void) {
    metrics_label(METRIC_TAGGINGS, tagging_names, TAGGING_COUNT);
}
