#include "cli/commands.h"
#include "cli/setup_plan.h"
#include "cli/store_refusal.h"
#include "common/clock.h"
#include "common/s3_probe.h"

#include <stdarg.h>
#include <string.h>

enum { STORE_PAUSE_MS = 500 };

enum step_result { STEP_OK, STEP_SKIPPED, STEP_FAILED };

/* What a step did, and what to do when it could not. */
struct step_report {
    enum step_result result;
    char text[400];
};

struct step {
    const char *name;
    void (*run)(struct s3_client *client, const struct config *config, struct step_report *report);
    bool needed; /* the steps after it cannot work when it failed */
};

static void report(struct step_report *report, enum step_result result, const char *format, ...) PRINTF_LIKE(3, 4);

static void report(struct step_report *step_report, enum step_result result, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step_report->text, sizeof step_report->text, format, arguments);
    va_end(arguments);
    step_report->result = result;
}

static void create_bucket(struct s3_client *client, const struct config *config, struct step_report *step_report) {
    struct error err = {0};
    if (s3_bucket_create(client, &err)) {
        report(step_report, STEP_OK, "%s created", config->s3_bucket);
    } else {
        report(step_report, STEP_FAILED, "%s; allow these credentials to create buckets, or make it yourself",
               err.message);
    }
}

/* Asked by GET, because the answer to a HEAD does not say why: a 404 may mean an unknown access key. */
static void make_bucket(struct s3_client *client, const struct config *config, struct step_report *step_report) {
    struct error err = {0};
    struct s3_probe probe = {0};
    if (!s3_probe_bucket(client, &probe, &err)) {
        report(step_report, STEP_FAILED, "%s; check SLUICE_S3_ENDPOINT and that the store runs", err.message);
        return;
    }
    const struct store_refusal *refusal = store_refusal_find(probe.code);
    if (probe.status >= 200 && probe.status < 300) {
        report(step_report, STEP_OK, "%s exists", config->s3_bucket);
    } else if (strcmp(probe.code, "NoSuchBucket") == 0) {
        create_bucket(client, config, step_report);
    } else {
        report(step_report, STEP_FAILED, "the store answered %d%s%s%s%s; %s", probe.status,
               *probe.code != '\0' ? " " : "", probe.code, refusal != NULL ? ": " : "",
               refusal != NULL ? refusal->meaning : "",
               refusal != NULL ? refusal->remedy : "check SLUICE_S3_ENDPOINT and that the store runs");
    }
}

static void put_notifications(struct s3_client *client, const struct text_list *arns, struct step_report *step_report) {
    struct error err = {0};
    _cleanup_(s3_notification_rows_free) struct s3_notification_rows current = {0};
    bool found = s3_bucket_get_notifications(client, &current, &err);
    bool never = !found && err.code == ERROR_NOT_IMPLEMENTED;
    if (arns->count == 0) {
        report(step_report, STEP_SKIPPED, "%s",
               never ? setup_no_subscriptions
                     : "SLUICE_S3_NOTIFY_ARNS is not set; name the store's targets there, or let the store send its "
                       "events to POST /events/s3");
        return;
    }
    if (!found) {
        report(step_report, STEP_FAILED, "%s%s", never ? "unset SLUICE_S3_NOTIFY_ARNS: " : "",
               never ? setup_no_subscriptions : err.message);
        return;
    }
    _cleanup_(setup_plan_free) struct setup_plan plan = {0};
    setup_plan_make(arns, &current, &plan);
    bool was_current = setup_plan_is_current(&plan, &current);
    if (!was_current && current.has_more) {
        report(step_report, STEP_FAILED,
               "the bucket has subscriptions by suffix, to topics or to functions, which writing would drop; subscribe "
               "the targets by hand");
        return;
    }
    if (was_current || s3_bucket_put_notifications(client, plan.notifications, plan.count, &err)) {
        report(step_report, STEP_OK, "%zu target%s%s%s", arns->count, arns->count == 1 ? "" : "s",
               was_current ? ", already subscribed" : " subscribed",
               plan.kept > 0 ? "; subscriptions of others are kept" : "");
    } else {
        report(step_report, STEP_FAILED,
               "%s; each of SLUICE_S3_NOTIFY_ARNS must be a target that the store is configured with and reached when "
               "it started",
               err.message);
    }
}

static void subscribe(struct s3_client *client, const struct config *config, struct step_report *step_report) {
    _cleanup_(text_list_free) struct text_list arns = {0};
    text_list_split(config->s3_notify_arns, ',', &arns);
    put_notifications(client, &arns, step_report);
}

static void allow_origins(struct s3_client *client, const struct config *config, struct step_report *step_report) {
    struct error err = {0};
    _cleanup_(text_list_free) struct text_list origins = {0};
    text_list_split(config->cors_origins, ',', &origins);
    if (origins.count == 0) {
        report(step_report, STEP_SKIPPED, "SLUICE_CORS_ORIGINS is not set: no other origin's pages may upload");
    } else if (s3_bucket_put_cors(client, (const char *const *)origins.items, &err)) {
        report(step_report, STEP_OK, "%zu origin%s allowed", origins.count, origins.count == 1 ? "" : "s");
    } else if (err.code == ERROR_NOT_IMPLEMENTED) {
        report(step_report, STEP_SKIPPED,
               "the store keeps CORS out of its buckets; on MinIO set MINIO_API_CORS_ALLOW_ORIGIN=%.200s",
               config->cors_origins);
    } else {
        report(step_report, STEP_FAILED, "%s; allow these credentials PutBucketCORS", err.message);
    }
}

/* Waits until the store answers at all; whatever it answers, the first step then tells. */
static void await_store(struct s3_client *client, int64_t wait_s) {
    int64_t deadline_ms = clock_monotonic_ms() + wait_s * 1000;
    struct error err = {0};
    bool exists = false;
    while (!s3_bucket_exists(client, &exists, &err) && err.code == ERROR_STORE_UNAVAILABLE &&
           clock_monotonic_ms() < deadline_ms) {
        clock_sleep_ms(STORE_PAUSE_MS);
    }
}

static const struct step steps[] = {
    {"bucket", make_bucket, true},
    {"notifications", subscribe, false},
    {"cors", allow_origins, false},
};

bool command_setup(const struct config *config, const struct options *options, struct error *err) {
    static const char *const results[] = {"ok", "skipped", "failed"};
    int64_t wait_s = 0;
    if (!options_int(options, "wait", 0, COMMAND_WAIT_MAX_S, 0, &wait_s, err)) {
        return false;
    }
    struct s3_config store = {.endpoint = config->s3_endpoint,
                              .region = config->s3_region,
                              .bucket = config->s3_bucket,
                              .access_key = config->s3_access_key,
                              .secret_key = config->s3_secret_key,
                              .session_token = config->s3_session_token,
                              .path_style = config->s3_path_style,
                              .ca_file = config->s3_ca_file};
    _cleanup_(s3_client_freep) struct s3_client *client = NULL;
    if (!s3_client_new(&store, &client, err)) {
        return false;
    }
    await_store(client, wait_s);
    const char *failed = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct step_report step_report = {0};
        steps[i].run(client, config, &step_report);
        printf("%-14s %-8s %s\n", steps[i].name, results[step_report.result], step_report.text);
        fflush(stdout);
        if (step_report.result == STEP_FAILED) {
            failed = failed == NULL ? steps[i].name : failed;
            if (steps[i].needed) {
                break;
            }
        }
    }
    return failed == NULL || error_set(err, ERROR_STORE_ERROR, "setup is not complete: %s failed, see above", failed);
}
