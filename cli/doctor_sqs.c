#include "cli/doctor.h"
#include "common/sqs_client.h"

#include <inttypes.h>

/* Only looks: a message that the doctor received would be hidden from the processor for a while. */
void doctor_check_sqs(struct doctor *doctor, struct doctor_finding *finding) {
    const struct config *config = doctor->config;
    struct error err = {0};
    int64_t waiting = 0;
    _cleanup_(sqs_client_freep) struct sqs_client *client = NULL;
    if (*config->sqs_queue_url == '\0') {
        doctor_found(finding, DOCTOR_SKIPPED, "SLUICE_SQS_QUEUE_URL is not set: no queue is read");
        return;
    }
    const struct sqs_options options = sqs_options_of(config);
    if (!sqs_options_check(config, &err) || !sqs_client_new(&options, &client, &err) ||
        !sqs_client_waiting(client, &waiting, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
        return;
    }
    doctor_found(finding, DOCTOR_OK, "the queue answers; about %" PRId64 " messages wait", waiting);
}
