#include "processor/ingest_sqs.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/xalloc.h"

enum sqs_result { SQS_RECEIVED, SQS_DELETED, SQS_KEPT, SQS_RESULT_COUNT };
static const char *const result_names[SQS_RESULT_COUNT] = {"received", "deleted", "kept"};

enum { MS_PER_S = 1000 };

struct ingest_sqs {
    struct sqs_client *client;
    int64_t visibility_ms;
    struct sqs_messages held;
    unsigned owed;           /* mask: held messages that had their effect and are to be deleted */
    int64_t hidden_until_ms; /* monotonic: from then on others may get them, too */
};

struct ingest_sqs *ingest_sqs_new(struct sqs_client *client, int64_t visibility_s) {
    struct ingest_sqs *sqs = xcalloc(1, sizeof *sqs);
    sqs->client = client;
    sqs->visibility_ms = visibility_s * MS_PER_S;
    return sqs;
}

void ingest_sqs_free(struct ingest_sqs *sqs) {
    if (sqs != NULL) {
        sqs_messages_free(&sqs->held);
        free(sqs);
    }
}

static int64_t count_of(unsigned mask) {
    return __builtin_popcount(mask);
}

/* They are the queue's again, which will give them once more. */
static void keep(unsigned which, const char *why) {
    if (which != 0) {
        metrics_add(METRIC_SQS_MESSAGES, SQS_KEPT, count_of(which));
        log_warn("sqs_not_deleted", log_int("messages", count_of(which)), log_text("reason", why));
    }
}

/* Until all are deleted, or there is no use in it. False: try again. */
static bool delete_owed(struct ingest_sqs *sqs, struct error *err) {
    struct sqs_deletion deletion = {0};
    bool is_answered = sqs_client_delete(sqs->client, &sqs->held, sqs->owed, &deletion, err);
    metrics_add(METRIC_SQS_MESSAGES, SQS_DELETED, count_of(deletion.deleted & sqs->owed));
    keep(deletion.refused & sqs->owed, "the queue refuses to delete them");
    sqs->owed &= ~(deletion.deleted | deletion.refused);
    if (sqs->owed != 0 && clock_monotonic_ms() >= sqs->hidden_until_ms) {
        keep(sqs->owed, "they were deleted too late");
        sqs->owed = 0;
    }
    if (sqs->owed == 0) {
        sqs_messages_free(&sqs->held);
        return true;
    }
    return !is_answered ? false : error_set(err, ERROR_SQS_UNAVAILABLE, "the queue did not delete all messages");
}

static bool receive(struct ingest_sqs *sqs, struct error *err) {
    int64_t asked_ms = clock_monotonic_ms();
    if (!sqs_client_receive(sqs->client, &sqs->held, err)) {
        return false;
    }
    sqs->hidden_until_ms = asked_ms + sqs->visibility_ms;
    metrics_add(METRIC_SQS_MESSAGES, SQS_RECEIVED, (int64_t)sqs->held.count);
    return true;
}

/* An empty body would pass for a wake-up and vanish; a blank is no event and is kept as such. */
static void copy_body(const struct buf *body, struct buf *element) {
    buf_append(element, body->length > 0 ? body->data : " ", body->length > 0 ? body->length : 1);
}

static bool take(void *context, struct redis_elements *ret_elements, struct error *err) {
    struct ingest_sqs *sqs = context;
    if ((sqs->owed != 0 && !delete_owed(sqs, err)) || (sqs->held.count == 0 && !receive(sqs, err))) {
        return false;
    }
    ret_elements->items = xcalloc(sqs->held.count + 1, sizeof *ret_elements->items);
    ret_elements->count = sqs->held.count;
    for (size_t i = 0; i < sqs->held.count; i++) {
        copy_body(&sqs->held.items[i].body, &ret_elements->items[i]);
    }
    return true;
}

static bool settle(void *context, size_t count, struct error *err) {
    struct ingest_sqs *sqs = context;
    sqs->owed = (1U << count) - 1;
    return delete_owed(sqs, err);
}

struct ingest_source ingest_sqs_source(struct ingest_sqs *sqs) {
    return (struct ingest_source){.context = sqs, .take = take, .settle = settle};
}

void ingest_sqs_label_metrics(void) {
    metrics_label(METRIC_SQS_MESSAGES, result_names, SQS_RESULT_COUNT);
}
