/* sluice-processor: turns uploaded objects into finished records. */
#include "common/daemon.h"
#include "common/file_state.h"
#include "common/metrics.h"
#include "processor/decoder.h"
#include "processor/gauges.h"
#include "processor/ingest.h"
#include "processor/ingest_sqs.h"
#include "processor/pipeline.h"
#include "processor/settlement.h"
#include "processor/supervisor.h"
#include "processor/sweeper.h"
#include "processor/tagger.h"
#include "processor/webhook_sender.h"

static const struct daemon_dump dumps[] = {
    {"config", config_dump},
    {"metrics", metrics_dump},
    {"states", file_state_dump},
    {"steps", steps_dump},
    {NULL, NULL},
};

static const struct daemon_program program = {
    .name = "sluice-processor",
    .summary = "Takes the store's notifications; verifies, hashes and caches every uploaded object, and makes variants "
               "of pictures.",
    .settings = CONFIG_PROCESSOR,
    .dumps = dumps,
};

/* The cells and their labels are shared with every child, so they come before the first fork. */
static void start_metrics(void) {
    metrics_start();
    ingest_label_metrics();
    ingest_sqs_label_metrics();
    pipeline_label_metrics();
    settlement_label_metrics();
    sweeper_label_metrics();
    decoder_label_metrics();
    tagger_label_metrics();
    webhook_sender_label_metrics();
    gauges_label_metrics();
}

int main(int argc, char **argv) {
    _cleanup_(config_freep) struct config *config = daemon_start(&program, argc, argv);
    struct error err = {0};
    start_metrics();
    if (!supervisor_run(config, &err)) {
        fprintf(stderr, "%s: %s\n", program.name, err.message);
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}
