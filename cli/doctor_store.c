#include "cli/doctor.h"
#include "cli/store_refusal.h"

#include <string.h>

void doctor_check_store(struct doctor *doctor, struct doctor_finding *finding) {
    struct error err = {0};
    struct s3_config config = doctor_store_config(doctor->config);
    if (!s3_client_new(&config, &doctor->store, &err) || !s3_probe_bucket(doctor->store, &doctor->probe, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s: %s", config.endpoint, err.message);
        return;
    }
    doctor->facts |= DOCTOR_STORE;
    doctor_found(finding, DOCTOR_OK, "%s answers", config.endpoint);
}

static bool is_success(const struct s3_probe *probe) {
    return probe->status >= 200 && probe->status < 300;
}

void doctor_check_credentials(struct doctor *doctor, struct doctor_finding *finding) {
    const struct s3_probe *probe = &doctor->probe;
    if (is_success(probe) || strcmp(probe->code, "NoSuchBucket") == 0) {
        doctor->facts |= DOCTOR_CREDENTIALS;
        doctor_found(finding, DOCTOR_OK, "the store takes them");
        return;
    }
    const struct store_refusal *refusal = store_refusal_find(probe->code);
    if (refusal == NULL) {
        doctor_found(finding, DOCTOR_FAIL, "the store answered %d %s", probe->status, probe->code);
    } else {
        doctor_found(finding, DOCTOR_FAIL, "the store answered %d %s: %s", probe->status, probe->code,
                     refusal->meaning);
        doctor_advise(finding, "%s", refusal->remedy);
    }
}

void doctor_check_bucket(struct doctor *doctor, struct doctor_finding *finding) {
    if (!is_success(&doctor->probe)) {
        doctor_found(finding, DOCTOR_FAIL, "there is no bucket %s", doctor->config->s3_bucket);
        return;
    }
    doctor->facts |= DOCTOR_BUCKET;
    doctor_found(finding, DOCTOR_OK, "%s exists", doctor->config->s3_bucket);
}
