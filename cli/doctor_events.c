#include "cli/doctor.h"
#include "cli/setup_plan.h"
#include "common/clock.h"
#include "common/content_key.h"
#include "common/event_queue.h"
#include "common/file_store.h"
#include "common/probe.h"
#include "common/xalloc.h"

#include <string.h>

enum { PAUSE_MS = 25, PROBE_VALID_S = 3600 };

static const char owner[] = "doctor";
static const char content[] = "a probe of sluice doctor\n";

void doctor_check_notifications(struct doctor *doctor, struct doctor_finding *finding) {
    struct error err = {0};
    _cleanup_(s3_notification_rows_free) struct s3_notification_rows current = {0};
    _cleanup_(text_list_free) struct text_list arns = {0};
    _cleanup_(setup_plan_free) struct setup_plan plan = {0};
    text_list_split(doctor->config->s3_notify_arns, ',', &arns);
    if (!s3_bucket_get_notifications(doctor->store, &current, &err)) {
        bool never = err.code == ERROR_NOT_IMPLEMENTED;
        doctor_found(finding, never && arns.count == 0 ? DOCTOR_SKIPPED : DOCTOR_FAIL, "%s",
                     never ? setup_no_subscriptions : err.message);
        if (never && arns.count > 0) {
            doctor_advise(finding, "unset SLUICE_S3_NOTIFY_ARNS, and let the store send its events to POST /events/s3");
        }
        return;
    }
    setup_plan_make(&arns, &current, &plan);
    if (arns.count == 0) {
        doctor_found(
            finding, DOCTOR_SKIPPED,
            "SLUICE_S3_NOTIFY_ARNS is not set; the bucket has %zu subscriptions, and the round trip tells whether "
            "events come",
            current.count);
    } else if (setup_plan_is_current(&plan, &current)) {
        doctor_found(finding, DOCTOR_OK, "%zu target%s subscribed", arns.count, arns.count == 1 ? " is" : "s are");
    } else if (current.has_more) {
        doctor_found(finding, DOCTOR_WARN,
                     "the bucket has subscriptions by suffix, to topics or to functions, which cannot be compared with "
                     "SLUICE_S3_NOTIFY_ARNS");
        doctor_advise(finding, "go by the round trip below; if no event comes, subscribe the targets by hand");
    } else {
        doctor_found(finding, DOCTOR_FAIL, "%s",
                     current.count == 0 ? "the notification is missing: the bucket has no subscription"
                                        : "the bucket's subscriptions are not those of "
                                          "SLUICE_S3_NOTIFY_ARNS: a target, prefix or event is missing");
    }
}

/* A probe: a record that nobody confirms and that the sweeper leaves alone for long, so that only an event can move it. */
struct probe {
    char file_id[ID_TEXT_SIZE];
    char *key;
    int64_t started_ms;
    int64_t event_ms;     /* after the start; -1: none yet */
    int64_t processed_ms; /* the same */
    bool was_queued;      /* its event was seen on a list, so that nobody had acted on it yet */
};

static bool insert_record(struct doctor *doctor, const struct probe *probe, struct error *err) {
    struct file_draft draft = {
        .kind = "file",
        .owner_id = owner,
        .filename = "doctor probe",
        .content_type = "text/plain",
        .expected_size = sizeof content - 1,
        .bucket = doctor->config->s3_bucket,
        .object_key = probe->key,
        .upload_method = "SERVER",
        .ttl_s = PROBE_VALID_S,
        .sweep_age_s = PROBE_VALID_S,
    };
    memcpy(draft.file_id, probe->file_id, ID_TEXT_SIZE);
    const struct file_draft *drafts = &draft;
    return file_store_insert(doctor->db, &drafts, 1, err);
}

static bool put_object(struct doctor *doctor, const struct probe *probe, struct error *err) {
    const struct s3_put put = {
        .key = probe->key, .content_type = "text/plain", .body = {.bytes = content, .length = sizeof content - 1}};
    return s3_client_put(doctor->store, &put, NULL, err);
}

static bool read_status(struct doctor *doctor, const struct probe *probe, enum file_status *ret_status,
                        struct error *err) {
    struct file_record *record = NULL;
    if (!file_store_get(doctor->db, owner, probe->file_id, &record, err)) {
        return false;
    }
    *ret_status = record->status;
    file_record_free(record);
    return true;
}

/* With `remove` its events are taken off the list, so that no processor finds them without their record. */
static bool is_queued(struct doctor *doctor, const struct probe *probe, bool remove) {
    struct error ignored;
    bool found = false;
    return event_queue_find(doctor->queue, doctor->config->events_list, probe->file_id, remove, &found, &ignored) &&
           found;
}

/* Until the probe is processed or the time is over. An event on the list is looked for there, too: without a processor
 * nobody takes it. */
static bool watch(struct doctor *doctor, struct probe *probe, struct error *err) {
    for (;;) {
        enum file_status status = PENDING;
        if (!read_status(doctor, probe, &status, err)) {
            return false;
        }
        int64_t elapsed_ms = clock_monotonic_ms() - probe->started_ms;
        bool is_seen = probe->event_ms < 0 && is_queued(doctor, probe, false);
        probe->was_queued = probe->was_queued || is_seen;
        if (probe->event_ms < 0 && (status != PENDING || is_seen)) {
            probe->event_ms = elapsed_ms;
        }
        if (status == SYNCED || status == FAILED) {
            probe->processed_ms = elapsed_ms;
            return true;
        }
        if (elapsed_ms >= DOCTOR_ROUND_TRIP_MS) {
            return true;
        }
        clock_sleep_ms(PAUSE_MS);
    }
}

/* What the processor kept of it for a day. */
static void forget_content(const struct config *config, const char *file_id) {
    _cleanup_(redis_freep) struct redis *cache = NULL;
    char key[CONTENT_KEY_SIZE];
    struct error ignored = {0};
    content_key(file_id, key);
    (void)!(redis_new(config_cache_url(config), DOCTOR_TIMEOUT_MS, &cache, &ignored) &&
            redis_delete(cache, key, &ignored));
}

static void tidy_up(struct doctor *doctor, const struct probe *probe) {
    struct error ignored;
    bool is_changed = false;
    (void)is_queued(doctor, probe, true);
    (void)!file_state_delete(doctor->db, NULL, probe->file_id, &is_changed, &ignored);
    (void)!s3_client_delete(doctor->store, probe->key, &ignored);
    forget_content(doctor->config, probe->file_id);
}

static void judge(const struct probe *probe, struct doctor_finding *finding) {
    if (probe->event_ms < 0) {
        doctor_found(finding, DOCTOR_FAIL, "no event came within %d s of an upload", DOCTOR_ROUND_TRIP_MS / 1000);
    } else if (probe->processed_ms < 0) {
        doctor_found(finding, DOCTOR_WARN, "the event came after %lld ms, but its file was not processed within %d s",
                     (long long)probe->event_ms, DOCTOR_ROUND_TRIP_MS / 1000);
        doctor_advise(finding, "%s",
                      probe->was_queued
                          ? "no processor takes events off the list: start sluice-processor, or see why it stands still"
                          : "the processors are busy, or failing: see `sluice stats` and their logs");
    } else {
        doctor_found(finding, DOCTOR_OK, "the event came after %lld ms, the file was processed after %lld ms",
                     (long long)probe->event_ms, (long long)probe->processed_ms);
    }
}

void doctor_check_round_trip(struct doctor *doctor, struct doctor_finding *finding) {
    struct probe probe = {.event_ms = -1, .processed_ms = -1};
    struct error err = {0};
    id_new(probe.file_id);
    _cleanup_(freep) char *key = xasprintf(PROBE_PREFIX "%s", probe.file_id);
    probe.key = key;
    bool watched = insert_record(doctor, &probe, &err) && put_object(doctor, &probe, &err);
    probe.started_ms = clock_monotonic_ms();
    if (watched && watch(doctor, &probe, &err)) {
        judge(&probe, finding);
    } else {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        doctor_advise(finding, "the probe could not be put or watched; see the checks above");
    }
    tidy_up(doctor, &probe);
}
