#include "cli/doctor.h"
#include "common/event_queue.h"
#include "common/migrate.h"

#include <inttypes.h>

/* Workers beat several times within a lease; the longest lease in use is rarely more than a minute. */
enum { WORKER_SILENCE_S = 90 };

static bool endpoint_is_good(const struct config *config, const char *url, struct error *err) {
    struct s3_endpoint endpoint = {0};
    bool good = s3_endpoint_parse(url, config->s3_bucket, config->s3_path_style, &endpoint, err);
    s3_endpoint_free(&endpoint);
    return good;
}

/* Whatever else is missing or malformed has ended the program before, with a line that names it. A bad endpoint is not
 * shown: it might hold a password. */
void doctor_check_settings(struct doctor *doctor, struct doctor_finding *finding) {
    const struct config *config = doctor->config;
    struct error err = {0};
    if (!endpoint_is_good(config, config->s3_endpoint, &err) ||
        !endpoint_is_good(config, doctor_public_endpoint(config), &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        doctor_advise(finding, "correct SLUICE_S3_ENDPOINT, SLUICE_S3_PUBLIC_ENDPOINT and SLUICE_S3_BUCKET");
        return;
    }
    doctor->facts |= DOCTOR_ENDPOINTS;
    doctor_found(finding, DOCTOR_OK, "bucket %s at %s, for clients at %s; events on the list %s", config->s3_bucket,
                 config->s3_endpoint, doctor_public_endpoint(config), config->events_list);
}

void doctor_check_database(struct doctor *doctor, struct doctor_finding *finding) {
    struct error err = {0};
    if (!db_connect(doctor->db, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        return;
    }
    doctor->facts |= DOCTOR_DATABASE;
    doctor_found(finding, DOCTOR_OK, "Postgres answers");
}

struct missing_list {
    size_t count;
    struct buf names;
};

static void add_missing(const struct migration *migration, void *context) {
    struct missing_list *missing = context;
    buf_printf(&missing->names, "%s%s", missing->count++ > 0 ? ", " : "", migration->name);
}

void doctor_check_migrations(struct doctor *doctor, struct doctor_finding *finding) {
    struct missing_list missing = {0};
    struct error err = {0};
    if (!migrate_examine(doctor->db, add_missing, &missing, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        doctor_advise(finding, "%s",
                      err.code == ERROR_CONFLICT
                          ? "use the version of Sluice that this database was migrated by, or a newer one"
                          : "let this user read the database");
    } else if (missing.count > 0) {
        doctor_found(finding, DOCTOR_FAIL, "%zu missing: %s", missing.count, buf_text(&missing.names));
    } else {
        doctor->facts |= DOCTOR_SCHEMA;
        doctor_found(finding, DOCTOR_OK, "the schema is up to date");
    }
    buf_free(&missing.names);
}

void doctor_check_processors(struct doctor *doctor, struct doctor_finding *finding) {
    struct error err = {0};
    int64_t workers = 0;
    if (!event_queue_alive(doctor->queue, doctor->config->events_list, WORKER_SILENCE_S, &workers, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        doctor_advise(finding, "see what Redis complains of; sluice-processor has to write there, too");
    } else if (workers == 0) {
        doctor_found(finding, DOCTOR_FAIL, "no worker gave a sign of life in the last %d s", WORKER_SILENCE_S);
    } else {
        doctor_found(finding, DOCTOR_OK, "%" PRId64 " worker%s alive", workers, workers == 1 ? " is" : "s are");
    }
}
