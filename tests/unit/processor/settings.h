/* Settings of a processor whose every dependency refuses connections. */
#ifndef SLUICE_TESTS_UNIT_PROCESSOR_SETTINGS_H
#define SLUICE_TESTS_UNIT_PROCESSOR_SETTINGS_H

#include "common/config.h"

static inline struct config nothing_works(void) {
    static char database_url[] = "postgresql://u@127.0.0.1:1/none?sslmode=disable&gssencmode=disable";
    static char redis_url[] = "redis://127.0.0.1:1";
    static char endpoint[] = "http://127.0.0.1:1";
    static char listen[] = "127.0.0.1:0";
    static char bucket[] = "uploads";
    static char text[] = "text";
    static char none[] = "";
    static char place[] = "{}";
    return (struct config){
        .metrics_listen = listen,
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
        .database_url = database_url,
        .redis_url = redis_url,
        .cache_redis_url = none,
        .events_list = text,
        .s3_endpoint = endpoint,
        .s3_region = text,
        .s3_bucket = bucket,
        .s3_access_key = text,
        .s3_secret_key = text,
        .s3_session_token = none,
        .s3_path_style = true,
        .s3_ca_file = none,
        .webhook_master_key = none,
        .webhook_connections = 4,
        .webhook_endpoint_connections = 1,
        .webhook_timeout_s = 1,
        .webhook_ca_file = none,
        .variants = none,
        .decoder_program = none,
        .max_pixels = 1000,
        .max_frames = 1,
        .decoder_memory_bytes = 256 << 20,
        .decoder_timeout_ms = 1000,
        .decoder_attempts = 2,
        .spool_dir = none,
        .media_max_bytes = 1 << 20,
        .sqs_queue_url = none,
        .sqs_region = none,
        .sqs_access_key = none,
        .sqs_secret_key = none,
        .sqs_visibility_s = 60,
        .sqs_wait_s = 20,
        .ml_url = none,
        .ml_model = text,
        .ml_labels = none,
        .ml_prompt = place,
        .ml_tags = 5,
        .ml_timeout_s = 1,
    };
}

#endif
