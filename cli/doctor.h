/* The checks of `sluice doctor`: what each needs, what it found, and what to do about it. Each is bounded in time and looks
 * for itself; one is left out only when what it needs was found broken. */
#ifndef SLUICE_CLI_DOCTOR_H
#define SLUICE_CLI_DOCTOR_H

#include "common/config.h"
#include "common/db.h"
#include "common/redis.h"
#include "common/s3_client.h"
#include "common/s3_probe.h"

/* The worse, the later. */
enum doctor_result { DOCTOR_OK, DOCTOR_SKIPPED, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_finding {
    enum doctor_result result;
    char found[400];
    char remedy[400]; /* "" when there is nothing to do */
};

/* What is known to work; a mask. */
enum doctor_fact {
    DOCTOR_DATABASE = 1,
    DOCTOR_SCHEMA = 2,
    DOCTOR_QUEUE = 4,
    DOCTOR_STORE = 8, /* it answers, whatever it says */
    DOCTOR_CREDENTIALS = 16,
    DOCTOR_BUCKET = 32,
    DOCTOR_PUBLIC = 64,     /* the public endpoint answers, whatever it says */
    DOCTOR_ENDPOINTS = 128, /* they are addresses */
};

/* Of a request, of the round trip, and of all checks: after that the rest is not looked at. */
enum { DOCTOR_TIMEOUT_MS = 4000, DOCTOR_ROUND_TRIP_MS = 5000, DOCTOR_TOTAL_MS = 60000 };

struct doctor {
    const struct config *config;
    int64_t end_ms; /* monotonic */
    unsigned facts;
    struct db *db;
    struct redis *queue;     /* NULL: its URL is wrong */
    struct s3_client *store; /* NULL: its settings are wrong */
    struct buf queue_info;   /* INFO of the queue's Redis */
    struct s3_probe probe;   /* what the store answered */
};

struct doctor_check {
    const char *name;
    unsigned needs; /* mask of facts; when one is missing the check is left out */
    void (*run)(struct doctor *doctor, struct doctor_finding *finding);
    const char *remedy; /* of a warning or failure that says nothing better */
};

/* In the order in which they run; ends with a NULL name. */
extern const struct doctor_check doctor_checks[];

void doctor_open(struct doctor *doctor, const struct config *config);
void doctor_close(struct doctor *doctor);

/* Runs one check, or finds it left out: because of what others found, or, as a failure, because the time is over. */
void doctor_run(struct doctor *doctor, const struct doctor_check *check, struct doctor_finding *ret_finding);

const char *doctor_result_name(enum doctor_result result);

/* Fill a finding. */
void doctor_found(struct doctor_finding *finding, enum doctor_result result, const char *format, ...) PRINTF_LIKE(3, 4);
void doctor_advise(struct doctor_finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);

/* The store's settings with the doctor's own, short timeouts. */
struct s3_config doctor_store_config(const struct config *config);

/* The endpoint that clients reach. */
const char *doctor_public_endpoint(const struct config *config);

/* doctor_services.c */
void doctor_check_settings(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_database(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_migrations(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_processors(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_redis.c */
void doctor_check_redis(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_redis_policy(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_redis_persistence(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_cache(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_store.c */
void doctor_check_store(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_credentials(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_bucket(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_clock.c */
void doctor_check_clock(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_public.c */
void doctor_check_public(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_cors(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_sqs.c */
void doctor_check_sqs(struct doctor *doctor, struct doctor_finding *finding);

/* doctor_events.c */
void doctor_check_notifications(struct doctor *doctor, struct doctor_finding *finding);
void doctor_check_round_trip(struct doctor *doctor, struct doctor_finding *finding);

#endif
