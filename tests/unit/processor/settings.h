/* Settings of a processor whose every dependency refuses connections. */
#ifndef SLUICE_TESTS_UNIT_PROCESSOR_SETTINGS_H
#define SLUICE_TESTS_UNIT_PROCESSOR_SETTINGS_H

#include "common/config.h"

static char settings_database_url[] = "postgresql://u@127.0.0.1:1/none?sslmode=disable&gssencmode=disable";
static char settings_redis_url[] = "redis://127.0.0.1:1";
static char settings_endpoint[] = "http://127.0.0.1:1";
static char settings_listen[] = "127.0.0.1:0";
static char settings_bucket[] = "uploads";
static char settings_text[] = "text";
static char settings_none[] = "";
static char settings_place[] = "{}";

static inline struct config nothing_works(void) {
    return (struct config){
        .metrics_listen = settings_listen,
        .workers = 1,
        .lease_s = 2,
        .job_deadline_s = 10,
        .drain_timeout_s = 10,
        .max_attempts = 3,
        .retry_base_ms = 10,
        .retry_max_ms = 100,
        .poll_ms = 50,
        .sweep_interval_s = 1,
        .sweep_age_s = 1,
        .pending_ttl_s = 60,
        .cache_ttl_s = 60,
        .cache_max_bytes = 1024,
        .max_upload_bytes = 1 << 20,
        .database_url = settings_database_url,
        .redis_url = settings_redis_url,
        .cache_redis_url = settings_none,
        .events_list = settings_text,
        .s3_endpoint = settings_endpoint,
        .s3_region = settings_text,
        .s3_bucket = settings_bucket,
        .s3_access_key = settings_text,
        .s3_secret_key = settings_text,
        .s3_session_token = settings_none,
        .s3_path_style = true,
        .s3_ca_file = settings_none,
        .webhook_master_key = settings_none,
        .webhook_connections = 4,
        .webhook_endpoint_connections = 1,
        .webhook_timeout_s = 1,
        .webhook_ca_file = settings_none,
        .variants = settings_none,
        .decoder_program = settings_none,
        .max_pixels = 1000,
        .max_frames = 1,
        .decoder_memory_bytes = 256 << 20,
        .decoder_timeout_ms = 1000,
        .decoder_attempts = 2,
        .spool_dir = settings_none,
        .media_max_bytes = 1 << 20,
        .sqs_queue_url = settings_none,
        .sqs_region = settings_none,
        .sqs_access_key = settings_none,
        .sqs_secret_key = settings_none,
        .sqs_visibility_s = 60,
        .sqs_wait_s = 20,
        .ml_url = settings_none,
        .ml_model = settings_text,
        .ml_labels = settings_none,
        .ml_prompt = settings_place,
        .ml_tags = 5,
        .ml_timeout_s = 1,
    };
}

#endif
