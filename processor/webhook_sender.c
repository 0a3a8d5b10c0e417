#include "processor/webhook_sender.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/daemon.h"
#include "common/ip_address.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/webhook_store.h"
#include "common/xalloc.h"
#include "processor/connections.h"
#include "processor/dependency.h"
#include "processor/outbox_listener.h"
#include "processor/storable.h"
#include "processor/webhook_verdict.h"

enum {
    MS_PER_S = 1000,
    STATEMENT_TIMEOUT_MS = 30000,
    ANNOUNCEMENTS_MAX = 250, /* read at once; times the endpoints of an owner is what a statement writes */
    CLAIMED_AT_ONCE = 64,
    LEASE_MARGIN_S = 15, /* beyond the time of a request: to start it, and to write what came of it */
    LIMIT_MS = 180000,   /* of a turn, after which the supervisor takes this child for stuck */
    OUTAGE_PAUSE_MS = 1000,
    COUNT_EVERY_MS = 15000,
    WAIT_MS = 200, /* the longest that a stop goes unnoticed */
    GATHER_MS = 1,
    READ_PAUSE_MS = 100, /* between two readings of the outbox, however often it is announced */
    CONNECT_TIMEOUT_MAX_MS = 10000,
    IDLE_CONNECTIONS = 64,
    KEPT_BYTES = 1024, /* of a receiver's answer */
    TIMESTAMP_SIZE = 24,
};

static const char *const result_names[WEBHOOK_RESULT_COUNT] = {"delivered", "postponed", "given_up"};

struct sender {
    const struct role_context *context;
    const struct config *config;
    struct db *db;
    struct http_group *group;
    struct dependency database;
    struct outbox_listener listener;
    int64_t last_read_ms, next_read_ms, next_count_ms;
    int64_t out_until_ms; /* the database is left alone so long */
    size_t announcements; /* to read at once: fewer after a failure, which may have been the statement's time-out */
    bool may_be_more;     /* to claim: something ended, or came */
};

/* One request, from its claim to its end. */
struct sending {
    struct webhook_job job;
    struct buf body;
    struct buf signatures;
    char timestamp[TIMESTAMP_SIZE];
};

static void sending_free(struct sending *sending) {
    if (sending != NULL) {
        webhook_job_free(&sending->job);
        buf_free(&sending->body);
        buf_free(&sending->signatures);
        free(sending);
    }
}

/* What the database did, or why it did not. */
static bool note_database(struct sender *sender, bool worked, const struct error *err) {
    if (worked) {
        dependency_works(&sender->database);
    } else {
        dependency_failed(&sender->database, err);
        sender->out_until_ms = clock_monotonic_ms() + OUTAGE_PAUSE_MS;
    }
    return worked;
}

static size_t next_batch(size_t batch, bool worked) {
    if (!worked) {
        return batch / 4 + 1;
    }
    return 2 * batch < ANNOUNCEMENTS_MAX ? 2 * batch : ANNOUNCEMENTS_MAX;
}

/* Announcements become deliveries. */
static void read_on(struct sender *sender, int64_t now_ms) {
    struct error err = {0};
    size_t read = 0;
    size_t made = 0;
    bool worked = webhook_queue_read_on(sender->db, sender->announcements, &read, &made, &err);
    note_database(sender, worked, &err);
    sender->last_read_ms = now_ms;
    sender->next_read_ms = read == sender->announcements ? now_ms : now_ms + sender->config->poll_ms;
    sender->announcements = next_batch(sender->announcements, worked);
    sender->may_be_more = true; /* also what is due again by now */
}

static void count(struct sender *sender, int64_t now_ms) {
    struct error err = {0};
    int64_t open = 0;
    int64_t disabled = 0;
    if (note_database(sender, webhook_queue_count(sender->db, &open, &disabled, &err), &err)) {
        metrics_set(METRIC_WEBHOOKS_OPEN, 0, open);
        metrics_set(METRIC_WEBHOOKS_DISABLED, 0, disabled);
    }
    sender->next_count_ms = now_ms + COUNT_EVERY_MS;
}

static void note_end(const struct sending *sending, enum webhook_result result, const struct webhook_outcome *outcome,
                     const struct webhook_settled *settled) {
    const struct webhook_job *job = &sending->job;
    if (!settled->is_held) {
        log_info("webhook_lost", log_text("file_id", job->file_id), log_text("webhook_id", job->event_id));
        return;
    }
    metrics_increment(METRIC_WEBHOOKS, result);
    if (result == WEBHOOK_DELIVERED) {
        metrics_observe_us(METRIC_WEBHOOK_LAG, 0, settled->lag_us);
    }
    log_at(result == WEBHOOK_GIVEN_UP ? LOG_WARN : LOG_INFO, "webhook_sent", log_text("result", result_names[result]),
           log_text("file_id", job->file_id), log_text("webhook_id", job->event_id), log_text("type", job->topic),
           log_text("endpoint_id", job->endpoint_id), log_int("attempt", job->attempts),
           log_int("http_status", outcome->http_status), log_text("message", outcome->error));
    if (settled->disabled[0] != '\0') {
        log_error("webhook_endpoint_disabled", log_text("endpoint_id", job->endpoint_id),
                  log_text("reason", settled->disabled));
    }
}

/* A request that ended, and what that comes to. */
struct ending {
    struct sending *sending;
    struct http_group_end end;
    enum webhook_result result;
};

static void judge(const struct sender *sender, struct ending *ending, struct webhook_attempt *ret_attempt) {
    struct http_group_end *end = &ending->end;
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    make_storable(end->message);
    if (end->body.length > 0) {
        make_storable(end->body.data);
    }
    *ret_attempt = (struct webhook_attempt){.job = &ending->sending->job};
    ending->result = webhook_verdict(sender->config, &ending->sending->job, end, random, &ret_attempt->outcome);
}

/* Results that cannot be written are sent again after their lease: twice rather than never. */
static void settle(struct sender *sender, struct ending *endings, size_t count) {
    struct webhook_attempt attempts[CLAIMED_AT_ONCE];
    struct error err = {0};
    for (size_t i = 0; i < count; i++) {
        judge(sender, &endings[i], &attempts[i]);
    }
    bool worked = webhook_queue_settle(sender->db, sender->config->webhook_disable_after_s, attempts, count, &err);
    bool is_written = note_database(sender, worked, &err);
    sender->may_be_more = true;
    for (size_t i = 0; i < count; i++) {
        if (is_written) {
            note_end(endings[i].sending, endings[i].result, &attempts[i].outcome, &attempts[i].settled);
        }
        sending_free(endings[i].sending);
        http_group_end_free(&endings[i].end);
    }
}

/* Together those that end within a moment of each other: a commit for each of them would cost more than the request. */
static void take_ends(struct sender *sender) {
    struct ending endings[CLAIMED_AT_ONCE];
    size_t count = 0;
    size_t before = 0;
    do {
        before = count;
        while (count < CLAIMED_AT_ONCE && http_group_next(sender->group, &endings[count].end)) {
            struct http_group_end *end = &endings[count].end;
            endings[count++].sending = end->token;
            if (end->is_refused && end->status == 0) {
                snprintf(end->message, sizeof end->message, "the receiver's address is not a public one");
            }
        }
        if (count > before && count < CLAIMED_AT_ONCE && http_group_count(sender->group) > 0) {
            http_group_run(sender->group, -1, GATHER_MS);
        }
    } while (count > before && count < CLAIMED_AT_ONCE);
    if (count > 0) {
        settle(sender, endings, count);
    }
}

/* Endpoints may be older than the settings. */
static bool check_url(const struct sender *sender, const char *url, struct error *err) {
    const struct webhook_url_rules rules = webhook_url_rules_of(sender->config);
    return webhook_url_check(url, &rules, err);
}

static bool sign(const struct sender *sender, struct sending *sending, struct error *err) {
    const struct webhook_job *job = &sending->job;
    int64_t now_s = clock_now_ms() / MS_PER_S;
    const char *const stored[] = {job->secret, job->old_secret};
    snprintf(sending->timestamp, sizeof sending->timestamp, "%lld", (long long)now_s);
    for (size_t i = 0; i < sizeof stored / sizeof stored[0]; i++) {
        char secret[WEBHOOK_SECRET_SIZE];
        if (stored[i] != NULL &&
            (!webhook_secret_open(stored[i], sender->config->webhook_master_key, job->endpoint_id, secret, err) ||
             !webhook_sign(secret, job->event_id, now_s, sending->body.data, sending->body.length,
                           &sending->signatures))) {
            return false;
        }
    }
    return true;
}

static void start(struct sender *sender, struct sending *sending) {
    const struct webhook_job *job = &sending->job;
    struct error err = {0};
    buf_append_text(&sending->body, job->body);
    if (!check_url(sender, job->url, &err) || !sign(sender, sending, &err)) {
        struct ending ending = {.sending = sending};
        snprintf(ending.end.message, sizeof ending.end.message, "%s: %.200s", error_name(&err), err.message);
        settle(sender, &ending, 1);
        return;
    }
    const struct http_header headers[] = {
        {"Content-Type", "application/json"},
        {"webhook-id", job->event_id},
        {"webhook-timestamp", sending->timestamp},
        {"webhook-signature", buf_text(&sending->signatures)},
    };
    http_group_post(sender->group, job->url, headers, sizeof headers / sizeof headers[0], &sending->body, sending);
}

static void claim(struct sender *sender) {
    const struct config *config = sender->config;
    struct webhook_job jobs[CLAIMED_AT_ONCE];
    struct error err = {0};
    size_t free_places = (size_t)config->webhook_connections - http_group_count(sender->group);
    size_t limit = free_places < CLAIMED_AT_ONCE ? free_places : CLAIMED_AT_ONCE;
    size_t found = 0;
    if (limit == 0) {
        sender->may_be_more = false; /* until one ends */
        return;
    }
    bool worked = webhook_queue_claim(sender->db, limit, config->webhook_endpoint_connections,
                                      config->webhook_timeout_s + LEASE_MARGIN_S, jobs, &found, &err);
    note_database(sender, worked, &err);
    sender->may_be_more = found == limit;
    for (size_t i = 0; i < found; i++) {
        struct sending *sending = xcalloc(1, sizeof *sending);
        sending->job = jobs[i];
        start(sender, sending);
    }
}

/* Until there is something to ask the database for, but not long. */
static int64_t wait_ms(const struct sender *sender, bool may_ask, int64_t now_ms) {
    int64_t left_ms = sender->next_read_ms - now_ms;
    if (!may_ask || left_ms > WAIT_MS) {
        return sender->may_be_more && may_ask ? 1 : WAIT_MS;
    }
    return sender->may_be_more || left_ms < 1 ? 1 : left_ms;
}

static void turn(struct sender *sender) {
    int64_t now_ms = clock_monotonic_ms();
    activity_begin(sender->context->activity, now_ms, LIMIT_MS);
    bool may_ask = !daemon_stopping() && now_ms >= sender->out_until_ms;
    if (may_ask) {
        if (now_ms >= sender->next_read_ms) {
            read_on(sender, now_ms);
        }
        if (now_ms >= sender->next_count_ms) {
            count(sender, now_ms);
        }
        if (sender->may_be_more) {
            claim(sender);
        }
    }
    int descriptor = outbox_listener_descriptor(&sender->listener, now_ms);
    http_group_run(sender->group, descriptor, wait_ms(sender, may_ask, now_ms));
    if (outbox_listener_heard(&sender->listener) && sender->next_read_ms > sender->last_read_ms + READ_PAUSE_MS) {
        sender->next_read_ms = sender->last_read_ms + READ_PAUSE_MS;
    }
    take_ends(sender);
    activity_end(sender->context->activity);
}

static void sender_open(struct sender *sender) {
    const struct config *config = sender->config;
    int64_t timeout_ms = config->webhook_timeout_s * MS_PER_S;
    const struct http_group_options options = {
        .connect_timeout_ms = timeout_ms < CONNECT_TIMEOUT_MAX_MS ? timeout_ms : CONNECT_TIMEOUT_MAX_MS,
        .total_timeout_ms = timeout_ms,
        .idle_connections = IDLE_CONNECTIONS,
        .kept_bytes = KEPT_BYTES,
        .ca_file = config->webhook_ca_file,
        .may_connect = config->webhook_allow_private ? NULL : ip_address_is_public,
    };
    sender->announcements = ANNOUNCEMENTS_MAX;
    sender->database.name = "database";
    sender->db = db_new(config->database_url, "sluice-webhooks", STATEMENT_TIMEOUT_MS);
    db_plan_look_ups(sender->db);
    db_commit_without_wait(sender->db); /* what is lost is done again: an event comes once or more */
    outbox_listener_open(&sender->listener, config->redis_url);
    sender->group = http_group_new(&options);
}

int webhook_sender_run(const struct role_context *context) {
    struct sender sender = {.context = context, .config = context->config};
    sender_open(&sender);
    while (!daemon_stopping() || http_group_count(sender.group) > 0) {
        turn(&sender);
    }
    outbox_listener_close(&sender.listener);
    http_group_free(sender.group);
    db_free(sender.db);
    return EXIT_SUCCESS;
}

void webhook_sender_label_metrics(void) {
    metrics_label(METRIC_WEBHOOKS, result_names, WEBHOOK_RESULT_COUNT);
}
