/* Runs a job through the step table and turns what the steps answer into what becomes of the record. */
#ifndef SLUICE_PROCESSOR_PIPELINE_H
#define SLUICE_PROCESSOR_PIPELINE_H

#include "processor/steps.h"

/* How failures are tried again. */
struct retry_policy {
    int64_t max_attempts;
    int64_t base_ms;
    int64_t max_ms;
};

/* An outcome, and the texts that it points to. */
struct job_result {
    struct file_outcome outcome;
    char etag[S3_ETAG_SIZE];
    char detected_type[FILE_TYPE_SIZE];
    struct picture_result picture;
    char holder[ID_TEXT_SIZE];   /* the file that an asset duplicates; "": none */
    int64_t started_us;          /* monotonic */
    int64_t step_us[STEP_COUNT]; /* -1: the step did not run */
};

/* Runs every step that applies. The outcome lives as long as `job` and `ret_result` stay where they are. */
void pipeline_run(struct step_tools *tools, const struct retry_policy *policy, const struct file_job *job,
                  struct job_result *ret_result);

/* Pure: fills event, error, delay and whether the attempt counts, from the last step's answer and any 64 random bits. */
void pipeline_decide(const struct retry_policy *policy, int attempts, enum step_result result, const struct error *err,
                     uint64_t random, struct file_outcome *outcome);

/* The outcome of a job that was claimed and not begun: it goes back as it was, due after delay_ms. */
void pipeline_give_back(const struct file_job *job, const struct error *reason, int64_t delay_ms,
                        struct job_result *ret_result);

/* How long jobs wait while a dependency is down: 1 to 5 s, so that they do not all return together. */
int64_t pipeline_outage_delay_ms(uint64_t random);

/* Names the steps and error codes for the metrics; before any fork. */
void pipeline_label_metrics(void);

#endif
