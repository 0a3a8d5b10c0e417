#include "cli/doctor.h"

#include "common/clock.h"

#include <stdarg.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 3000, STATEMENT_TIMEOUT_MS = 4000 };

const struct doctor_check doctor_checks[] = {
    {"settings", 0, doctor_check_settings, "see `sluice doctor --help`"},
    {"database", 0, doctor_check_database, "check SLUICE_DATABASE_URL, and that Postgres runs and lets this user in"},
    {"migrations", DOCTOR_DATABASE, doctor_check_migrations, "run `sluice migrate`"},
    {"redis", 0, doctor_check_redis, "check SLUICE_REDIS_URL, and that Redis runs and takes this password"},
    {"redis policy", DOCTOR_QUEUE, doctor_check_redis_policy,
     "set `maxmemory-policy noeviction` in that Redis' configuration, and give the content cache a Redis of its own "
     "(SLUICE_CACHE_REDIS_URL)"},
    {"redis persistence", DOCTOR_QUEUE, doctor_check_redis_persistence,
     "set `appendonly yes` in that Redis' configuration; without it a restart of Redis loses events, which the sweeper "
     "then makes up for, later"},
    {"cache", 0, doctor_check_cache, "check SLUICE_CACHE_REDIS_URL, and that this Redis runs and takes the password"},
    {"store", DOCTOR_ENDPOINTS, doctor_check_store, "check SLUICE_S3_ENDPOINT, and that the store runs"},
    {"credentials", DOCTOR_STORE, doctor_check_credentials, "check SLUICE_S3_ACCESS_KEY and SLUICE_S3_SECRET_KEY"},
    {"bucket", DOCTOR_STORE | DOCTOR_CREDENTIALS, doctor_check_bucket,
     "run `sluice setup`, or correct SLUICE_S3_BUCKET"},
    {"clock", 0, doctor_check_clock,
     "let every host take its time from NTP (chrony, systemd-timesyncd); the store refuses requests whose time is off "
     "by "
     "15 minutes"},
    {"public endpoint", DOCTOR_ENDPOINTS, doctor_check_public,
     "SLUICE_S3_PUBLIC_ENDPOINT must be the address by which clients reach the same store; check its name, port and "
     "proxy"},
    {"cors", DOCTOR_PUBLIC, doctor_check_cors,
     "run `sluice setup`; on MinIO set MINIO_API_CORS_ALLOW_ORIGIN to the value of SLUICE_CORS_ORIGINS"},
    {"notifications", DOCTOR_BUCKET, doctor_check_notifications,
     "run `sluice setup`, which subscribes the targets of SLUICE_S3_NOTIFY_ARNS"},
    {"sqs queue", 0, doctor_check_sqs,
     "check SLUICE_SQS_QUEUE_URL, region and credentials; they need sqs:ReceiveMessage, sqs:DeleteMessage and "
     "sqs:GetQueueAttributes on the queue"},
    {"event round trip", DOCTOR_SCHEMA | DOCTOR_QUEUE | DOCTOR_BUCKET, doctor_check_round_trip,
     "run `sluice setup`; the store must push its events on the list SLUICE_EVENTS_LIST of this Redis (on MinIO a "
     "target "
     "with format=access in small letters), or send them to POST /events/s3"},
    {"processors", DOCTOR_QUEUE, doctor_check_processors, "start sluice-processor, or see its log for why it ended"},
    {NULL, 0, NULL, NULL},
};

/* What a check that was left out needed. */
static const struct {
    enum doctor_fact fact;
    const char *name;
} fact_names[] = {
    {DOCTOR_DATABASE, "database"},
    {DOCTOR_SCHEMA, "migrations"},
    {DOCTOR_QUEUE, "redis"},
    {DOCTOR_STORE, "store"},
    {DOCTOR_BUCKET, "bucket"},
    {DOCTOR_PUBLIC, "public endpoint"},
    {DOCTOR_CREDENTIALS, "credentials"},
    {DOCTOR_ENDPOINTS, "settings"},
};

void doctor_found(struct doctor_finding *finding, enum doctor_result result, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->found, sizeof finding->found, format, arguments);
    va_end(arguments);
    finding->result = result;
}

void doctor_advise(struct doctor_finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->remedy, sizeof finding->remedy, format, arguments);
    va_end(arguments);
}

const char *doctor_result_name(enum doctor_result result) {
    static const char *const names[] = {"ok", "skipped", "warn", "FAIL"};
    return names[result];
}

const char *doctor_public_endpoint(const struct config *config) {
    return *config->s3_public_endpoint != '\0' ? config->s3_public_endpoint : config->s3_endpoint;
}

struct s3_config doctor_store_config(const struct config *config) {
    return (struct s3_config){.endpoint = config->s3_endpoint,
                              .region = config->s3_region,
                              .bucket = config->s3_bucket,
                              .access_key = config->s3_access_key,
                              .secret_key = config->s3_secret_key,
                              .session_token = config->s3_session_token,
                              .path_style = config->s3_path_style,
                              .ca_file = config->s3_ca_file,
                              .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                              .request_timeout_ms = DOCTOR_TIMEOUT_MS,
                              .max_attempts = 1};
}

void doctor_open(struct doctor *doctor, const struct config *config) {
    *doctor = (struct doctor){.config = config, .end_ms = clock_monotonic_ms() + DOCTOR_TOTAL_MS};
    doctor->db = db_new(config->database_url, "sluice-doctor", STATEMENT_TIMEOUT_MS);
}

void doctor_close(struct doctor *doctor) {
    db_free(doctor->db);
    redis_free(doctor->queue);
    s3_client_free(doctor->store);
    buf_free(&doctor->queue_info);
}

static void leave_out(unsigned missing, struct doctor_finding *finding) {
    const char *name = "";
    for (size_t i = 0; i < sizeof fact_names / sizeof fact_names[0] && *name == '\0'; i++) {
        name = (missing & fact_names[i].fact) != 0 ? fact_names[i].name : "";
    }
    doctor_found(finding, DOCTOR_SKIPPED, "not looked at, because of: %s", name);
}

void doctor_run(struct doctor *doctor, const struct doctor_check *check, struct doctor_finding *ret_finding) {
    *ret_finding = (struct doctor_finding){.result = DOCTOR_OK};
    unsigned missing = check->needs & ~doctor->facts;
    if (missing != 0) {
        leave_out(missing, ret_finding);
        return;
    }
    if (clock_monotonic_ms() >= doctor->end_ms) {
        doctor_found(ret_finding, DOCTOR_FAIL, "not looked at: the checks before it took more than %d s",
                     DOCTOR_TOTAL_MS / 1000);
        doctor_advise(ret_finding, "see what they say, then run doctor again");
        return;
    }
    check->run(doctor, ret_finding);
    if (ret_finding->result >= DOCTOR_WARN && *ret_finding->remedy == '\0') {
        doctor_advise(ret_finding, "%s", check->remedy);
    }
}
