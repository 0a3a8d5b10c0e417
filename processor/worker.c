#include "processor/worker.h"

#include "common/clock.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/media_key.h"
#include "common/metrics.h"
#include "common/xalloc.h"
#include "processor/connections.h"
#include "processor/crash_point.h"
#include "processor/ingest.h"
#include "processor/ingest_list.h"
#include "processor/picture_tools.h"
#include "processor/settlement.h"

#include <malloc.h>
#include <string.h>

enum {
    BATCH_BYTES = 8 << 20,   /* of the jobs claimed together, beyond the first */
    WAIT_SLICE_MS = 500,     /* a wait in Redis notices a stop after so long */
    FAILURE_PAUSE_MS = 1000, /* between tries while a dependency is down */
    IDLE_LIMIT_MS = 120000,  /* of everything but a job; longer than all timeouts that it can meet */
    ALARM_MARGIN_S = 15,
    LATE_CLAIM_MS = 60000, /* longer than a statement whose connection is gone can go on in Postgres */
    MEMORY_KEPT_BYTES = 2 << 20,
};

struct worker {
    const struct role_context *context;
    const struct config *config;
    struct connections connections;
    struct step_tools tools;
    struct retry_policy policy;
    struct settlement settlement;
    struct ingest_list *list;
    struct ingest *ingest;
    struct dependency database, queue, store;
    struct dependency wake_up;      /* apart from the queue: a Redis that is full refuses to wait, and nothing else */
    int64_t claim_from_ms;          /* monotonic: no claims before this, the store is down */
    bool has_left_work;             /* what arrived last went to the queue, where older work was due */
    int64_t unknown_claim_until_ms; /* monotonic: until then a claim may come to light that seemed to fail */
};

static void worker_free(struct worker *worker) {
    if (worker != NULL) {
        ingest_free(worker->ingest);
        ingest_list_free(worker->list);
        buf_free(&worker->tools.content);
        picture_tools_close(&worker->tools);
        connections_close(&worker->connections);
        free(worker);
    }
}
DEFINE_CLEANUP(struct worker *, worker)

static bool worker_new(const struct role_context *context, struct worker **ret_worker, struct error *err) {
    const struct config *config = context->config;
    _cleanup_(worker_freep) struct worker *worker = xcalloc(1, sizeof *worker);
    worker->context = context;
    worker->config = config;
    worker->policy = (struct retry_policy){config->max_attempts, config->retry_base_ms, config->retry_max_ms};
    worker->database.name = "database";
    worker->queue.name = "queue";
    worker->store.name = "store";
    worker->wake_up.name = "wake_up";
    if (!connections_open(config, "sluice-worker", &worker->connections, err)) {
        return false;
    }
    struct connections *connections = &worker->connections;
    worker->tools = (struct step_tools){
        .db = connections->db,
        .store = connections->store,
        .cache = connections->cache,
        .cache_state = {.name = "cache"},
        .cache_max_bytes = config->cache_max_bytes,
        .cache_ttl_s = config->cache_ttl_s,
        .max_upload_bytes = config->max_upload_bytes,
    };
    if (!kind_policies_read(config, &worker->tools.policies, err) || !picture_tools_open(config, &worker->tools, err)) {
        return false;
    }
    worker->settlement.db = connections->db;
    worker->settlement.tools = &worker->tools;
    worker->settlement.database = &worker->database;
    worker->settlement.tags_pictures = *config->ml_url != '\0';
    worker->list = ingest_list_new(config->events_list, context->name, connections->redis);
    const struct ingest_source source = ingest_list_source(worker->list);
    worker->ingest = ingest_new(&source, config->s3_bucket, connections->db, &worker->tools);
    *ret_worker = take_ptr(worker);
    return true;
}

/* By default glibc gives memory above 128 KiB back after every file and takes it again for the next, which costs more than
 * the work on a small one. */
static void keep_freed_memory(void) {
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT_BYTES);
    mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT_BYTES);
}

/* Tells the supervisor what to allow, and the kernel too: a worker whose supervisor was killed must not hang for ever. */
static void begin(struct worker *worker, int64_t limit_ms) {
    activity_begin(worker->context->activity, clock_monotonic_ms(), limit_ms);
    alarm((unsigned)(limit_ms / 1000) + ALARM_MARGIN_S);
}

static uint64_t random_bits(void) {
    uint64_t bits = 0;
    random_bytes(&bits, sizeof bits);
    return bits;
}

static struct dependency *dependency_behind(struct worker *worker, const struct error *err) {
    switch (err->code) {
    case ERROR_REDIS_UNAVAILABLE:
        return &worker->queue;
    case ERROR_STORE_UNAVAILABLE:
    case ERROR_STORE_DENIED:
    case ERROR_STORE_ERROR:
        return &worker->store;
    default:
        return &worker->database;
    }
}

/* Outcomes are kept until the database has them: leases of jobs that are done are still extended, and if they were lost
 * after all, the lease token keeps this from doing harm. A stop ends the tries, and then others do the jobs again. */
static void settle(struct worker *worker) {
    struct error err = {0};
    begin(worker, IDLE_LIMIT_MS);
    while (!settlement_write(&worker->settlement, &err)) {
        if (daemon_stopping()) {
            log_warn("outcomes_dropped", log_int("jobs", (int64_t)worker->settlement.count));
            worker->settlement.count = 0;
            return;
        }
        clock_sleep_ms((int64_t)(random_bits() % FAILURE_PAUSE_MS));
        begin(worker, IDLE_LIMIT_MS);
    }
}

static bool needs_what_is_down(const struct job_result *result) {
    return result->outcome.event == FILE_POSTPONE && error_disposition(&result->outcome.error) == OUTAGE;
}

/* What one job learned of the store, the next ones of the batch need not learn again. */
static void note_store(struct worker *worker, const struct job_result *result) {
    if (result->outcome.error.code == ERROR_DATABASE_UNAVAILABLE) {
        dependency_failed(&worker->database, &result->outcome.error);
    } else if (needs_what_is_down(result)) {
        dependency_failed(&worker->store, &result->outcome.error);
        worker->claim_from_ms = clock_monotonic_ms() + pipeline_outage_delay_ms(random_bits());
    } else {
        dependency_works(&worker->store);
    }
}

static void run_job(struct worker *worker, const struct file_job *job) {
    struct job_result *result = settlement_next(&worker->settlement);
    if (daemon_stopping()) {
        struct error reason = {0};
        error_set(&reason, ERROR_SHUTTING_DOWN, "the worker stopped before it began");
        pipeline_give_back(job, &reason, 0, result);
    } else if (worker->store.is_down && clock_monotonic_ms() < worker->claim_from_ms) {
        struct error reason = {0};
        error_set(&reason, ERROR_STORE_UNAVAILABLE, "the store was down a moment ago");
        pipeline_give_back(job, &reason, pipeline_outage_delay_ms(random_bits()), result);
    } else {
        begin(worker, worker->config->job_deadline_s * 1000);
        pipeline_run(&worker->tools, &worker->policy, job, result);
        note_store(worker, result);
    }
    settlement_added(&worker->settlement, clock_monotonic_ms());
}

/* Pictures take longer than a commit, whatever their size. */
static int64_t size_to_wait_for(const struct file_job *job) {
    bool is_picture = media_kind_is_media(job->kind) ||
                      (job->content_type != NULL && strncmp(job->content_type, "image/", sizeof "image/" - 1) == 0);
    return is_picture ? -1 : job->size;
}

static void run_jobs(struct worker *worker, const struct file_jobs *jobs) {
    for (size_t i = 0; i < jobs->count; i++) {
        if (settlement_is_due(&worker->settlement, clock_monotonic_ms(), size_to_wait_for(&jobs->items[i])) ||
            settlement_has_content_of(&worker->settlement, &jobs->items[i])) {
            settle(worker);
        }
        run_job(worker, &jobs->items[i]);
    }
    settle(worker);
}

/* More work than this worker takes at once is for another one, too. */
static void share_work(struct worker *worker, size_t counted, size_t claimed) {
    struct error ignored; /* the others look for work by themselves, only later */
    if (claimed == SETTLEMENT_MAX || counted > claimed) {
        (void)!ingest_list_wake_other(worker->list, &ignored);
    }
}

/* A claim whose answer was lost may have been made, or still be made. This worker does not know those jobs, and their leases
 * are extended as long as it lives; so are those of jobs whose outcome the database refused. Between two claims it holds
 * none, so whatever bears its name goes back. */
static bool give_back_unknown(struct worker *worker, struct error *err) {
    int64_t released = 0;
    if (clock_monotonic_ms() >= worker->unknown_claim_until_ms && !worker->settlement.has_dropped) {
        return true;
    }
    if (!file_state_release(worker->connections.db, worker->context->name, worker->config->max_attempts, &released,
                            err)) {
        worker->unknown_claim_until_ms = clock_monotonic_ms() + LATE_CLAIM_MS; /* it is still to be done */
        return false;
    }
    worker->settlement.has_dropped = false;
    if (released > 0) {
        metrics_add(METRIC_LEASES_RELEASED, 0, released);
        log_warn("unknown_jobs_given_back", log_int("jobs", released));
    }
    return true;
}

static struct file_claim room(const struct worker *worker) {
    return (struct file_claim){worker->context->name, worker->config->lease_s, SETTLEMENT_MAX, BATCH_BYTES};
}

static bool may_claim(const struct worker *worker) {
    return !daemon_stopping() && clock_monotonic_ms() >= worker->claim_from_ms;
}

/* What arrives while nothing older is due becomes this worker's at once. */
static bool take_events(struct worker *worker, struct ingest_tally *ret_tally, struct file_jobs *jobs) {
    const struct file_claim claim = room(worker);
    struct error err = {0};
    begin(worker, IDLE_LIMIT_MS);
    bool claims = may_claim(worker) && give_back_unknown(worker, &err);
    if (ingest_run(worker->ingest, claims ? &claim : NULL, jobs, ret_tally, &err)) {
        dependency_works(&worker->queue);
        return true;
    }
    struct dependency *behind = dependency_behind(worker, &err);
    if (claims && behind == &worker->database) {
        worker->unknown_claim_until_ms = clock_monotonic_ms() + LATE_CLAIM_MS;
    }
    dependency_failed(behind, &err);
    return false;
}

static bool claim_due(struct worker *worker, struct file_jobs *jobs) {
    const struct file_claim claim = room(worker);
    struct error err = {0};
    begin(worker, IDLE_LIMIT_MS);
    if (!give_back_unknown(worker, &err)) {
        dependency_failed(&worker->database, &err);
        return false;
    }
    if (!file_state_claim(worker->connections.db, &claim, jobs, &err)) {
        worker->unknown_claim_until_ms = clock_monotonic_ms() + LATE_CLAIM_MS;
        dependency_failed(&worker->database, &err);
        return false;
    }
    dependency_works(&worker->database);
    return true;
}

static int64_t smaller(int64_t left, int64_t right) {
    return left < right ? left : right;
}

/* Until an event comes or the poll is due. While something is down: only until it is worth another try. */
static void rest(struct worker *worker, bool is_healthy) {
    int64_t poll_ms = worker->config->poll_ms;
    int64_t due_ms = clock_monotonic_ms() + (is_healthy ? poll_ms : smaller(poll_ms, FAILURE_PAUSE_MS));
    for (int64_t left_ms = 1; left_ms > 0 && !daemon_stopping(); left_ms = due_ms - clock_monotonic_ms()) {
        int64_t slice_ms = smaller(smaller(due_ms - clock_monotonic_ms(), WAIT_SLICE_MS), poll_ms);
        struct error err = {0};
        bool has_come = false;
        begin(worker, IDLE_LIMIT_MS);
        if (!is_healthy) {
            clock_sleep_ms(slice_ms);
        } else if (!ingest_list_wait(worker->list, slice_ms, &has_come, &err)) {
            dependency_failed(&worker->wake_up, &err);
            is_healthy = false;
        } else {
            dependency_works(&worker->wake_up);
            if (has_come) {
                return;
            }
        }
    }
}

/* Taking what arrives costs least when nothing is due, so that a short queue is worked off first: every other turn, because
 * events must not wait for the end of a long one. */
static bool find_jobs(struct worker *worker, struct ingest_tally *tally, struct file_jobs *jobs) {
    bool is_healthy = true;
    if (worker->has_left_work && may_claim(worker)) {
        worker->has_left_work = false;
        is_healthy = claim_due(worker, jobs);
    }
    if (jobs->count > 0 || !is_healthy) {
        return is_healthy;
    }
    is_healthy = take_events(worker, tally, jobs);
    worker->has_left_work = tally->counted > jobs->count;
    if (jobs->count == 0 && may_claim(worker)) {
        is_healthy = claim_due(worker, jobs) && is_healthy;
    }
    return is_healthy;
}

static void turn(struct worker *worker) {
    _cleanup_(file_jobs_free) struct file_jobs jobs = {0};
    struct ingest_tally tally = {0};
    bool is_healthy = find_jobs(worker, &tally, &jobs);
    if (jobs.count > 0) {
        crash_point("claimed");
        share_work(worker, tally.counted, jobs.count);
        run_jobs(worker, &jobs);
    } else if (tally.taken == 0) {
        rest(worker, is_healthy);
    }
}

int worker_run(const struct role_context *context) {
    _cleanup_(worker_freep) struct worker *worker = NULL;
    struct error err = {0};
    keep_freed_memory();
    if (!worker_new(context, &worker, &err)) {
        log_error("worker_failed", log_code(&err), log_message(&err));
        return EXIT_FAILURE;
    }
    while (!daemon_stopping()) {
        turn(worker);
    }
    return EXIT_SUCCESS;
}
