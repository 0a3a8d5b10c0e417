#include "processor/pipeline.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct retry_policy policy = {.max_attempts = 3, .base_ms = 500, .max_ms = 4000};

static struct file_outcome decide(int attempts, enum step_result result, enum error_code code, uint64_t random) {
    struct file_outcome outcome = {0};
    struct error err = {0};
    error_set(&err, code, "what happened");
    pipeline_decide(&policy, attempts, result, &err, random, &outcome);
    return outcome;
}

static void done_is_finished_and_has_no_error(void **state) {
    (void)state;
    struct file_outcome outcome = decide(1, STEP_DONE, ERROR_STORE_ERROR, 0);
    assert_int_equal(outcome.event, FILE_FINISH);
    assert_int_equal(outcome.error.code, ERROR_NONE);
    assert_string_equal(outcome.error.message, "");
}

static void a_rejection_carries_its_code(void **state) {
    (void)state;
    struct file_outcome outcome = decide(1, STEP_REJECT, ERROR_HASH_MISMATCH, 0);
    assert_int_equal(outcome.event, FILE_REJECT);
    assert_int_equal(outcome.error.code, ERROR_HASH_MISMATCH);
    assert_string_equal(outcome.error.message, "what happened");
}

static void a_transient_error_spends_an_attempt_and_backs_off(void **state) {
    (void)state;
    for (uint64_t random = 0; random < 5000; random += 97) {
        struct file_outcome first = decide(1, STEP_RETRY, ERROR_STORE_ERROR, random);
        assert_int_equal(first.event, FILE_POSTPONE);
        assert_int_equal(first.error.code, ERROR_STORE_ERROR);
        assert_true(first.attempt_spent);
        assert_in_range(first.delay_ms, 0, 500);
        assert_in_range(decide(2, STEP_RETRY, ERROR_STORE_ERROR, random).delay_ms, 0, 1000);
    }
}

static void the_last_attempt_ends_failed_with_the_last_message(void **state) {
    (void)state;
    for (int attempts = 3; attempts < 6; attempts++) {
        struct file_outcome outcome = decide(attempts, STEP_RETRY, ERROR_STORE_ERROR, 7);
        assert_int_equal(outcome.event, FILE_REJECT);
        assert_int_equal(outcome.error.code, ERROR_ATTEMPTS_EXHAUSTED);
        assert_string_equal(outcome.error.message, "what happened");
    }
}

static void an_outage_spends_nothing_however_often(void **state) {
    (void)state;
    for (uint64_t random = 0; random < 100000; random += 331) {
        struct file_outcome outcome = decide(100, STEP_RETRY, ERROR_STORE_UNAVAILABLE, random);
        assert_int_equal(outcome.event, FILE_POSTPONE);
        assert_int_equal(outcome.error.code, ERROR_STORE_UNAVAILABLE);
        assert_false(outcome.attempt_spent);
        assert_in_range(outcome.delay_ms, 1000, 5000);
    }
}

/* Another worker is at it: that is nobody's fault, and over soon. */
static void waiting_spends_nothing_and_is_short(void **state) {
    (void)state;
    for (uint64_t random = 0; random < 100000; random += 331) {
        struct file_outcome outcome = decide(100, STEP_WAIT, ERROR_STORE_ERROR, random);
        assert_int_equal(outcome.event, FILE_POSTPONE);
        assert_int_equal(outcome.error.code, ERROR_NONE);
        assert_false(outcome.attempt_spent);
        assert_in_range(outcome.delay_ms, 100, 500);
    }
}

static void a_file_that_needs_no_more_steps_is_finished(void **state) {
    (void)state;
    struct file_outcome outcome = decide(1, STEP_END, ERROR_STORE_ERROR, 0);
    assert_int_equal(outcome.event, FILE_FINISH);
    assert_int_equal(outcome.error.code, ERROR_NONE);
}

/* A step that asks for a retry gets it, whatever the code says of the same input. */
static void a_retry_with_a_permanent_code_is_a_retry(void **state) {
    (void)state;
    assert_int_equal(decide(1, STEP_RETRY, ERROR_STORE_NOT_FOUND, 0).event, FILE_POSTPONE);
}

static void what_was_not_begun_goes_back_whole(void **state) {
    (void)state;
    const struct file_job job = {.queue_id = 7};
    struct error reason = {0};
    struct job_result result;
    reason.code = ERROR_SHUTTING_DOWN;
    snprintf(reason.message, sizeof reason.message, "Gr\xc3"); /* the database would refuse this */
    pipeline_give_back(&job, &reason, 0, &result);
    assert_ptr_equal(result.outcome.job, &job);
    assert_int_equal(result.outcome.event, FILE_POSTPONE);
    assert_false(result.outcome.attempt_spent);
    assert_int_equal(result.outcome.size, -1);
    assert_int_equal(result.outcome.delay_ms, 0);
    assert_string_equal(result.outcome.error.message, "Gr?");
}

/* The first step meets a store that refuses connections; the runner times it, and nothing after it runs. */
static void a_store_that_is_down_postpones(void **state) {
    (void)state;
    const struct s3_config config = {.endpoint = "http://127.0.0.1:1",
                                     .region = "us-east-1",
                                     .bucket = "uploads",
                                     .access_key = "key",
                                     .secret_key = "secret",
                                     .path_style = true,
                                     .max_attempts = 1};
    char kind[] = "file";
    struct file_job job = {
        .file_id = "id", .kind = kind, .object_key = "files/x", .size = -1, .expected_size = -1, .attempts = 1};
    _cleanup_(s3_client_freep) struct s3_client *store = NULL;
    assert_true(s3_client_new(&config, &store, NULL));
    struct step_tools tools = {.store = store, .max_upload_bytes = 100};
    struct job_result result;
    pipeline_run(&tools, &policy, &job, &result);
    assert_int_equal(result.outcome.event, FILE_POSTPONE);
    assert_int_equal(result.outcome.error.code, ERROR_STORE_UNAVAILABLE);
    assert_false(result.outcome.attempt_spent);
    assert_false(result.outcome.has_sha256);
    assert_int_equal(result.outcome.size, -1);
    assert_null(result.outcome.etag);
    assert_null(result.outcome.detected_type);
    assert_int_equal(result.step_us[0], -1); /* that one is for assets */
    assert_true(result.step_us[1] >= 0);
    assert_int_equal(result.step_us[2], -1); /* it did not come to that */
    buf_free(&tools.content);
}

static int start(void **state) {
    (void)state;
    metrics_start();
    pipeline_label_metrics();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(done_is_finished_and_has_no_error),
        cmocka_unit_test(a_rejection_carries_its_code),
        cmocka_unit_test(a_transient_error_spends_an_attempt_and_backs_off),
        cmocka_unit_test(the_last_attempt_ends_failed_with_the_last_message),
        cmocka_unit_test(an_outage_spends_nothing_however_often),
        cmocka_unit_test(waiting_spends_nothing_and_is_short),
        cmocka_unit_test(a_file_that_needs_no_more_steps_is_finished),
        cmocka_unit_test(a_retry_with_a_permanent_code_is_a_retry),
        cmocka_unit_test(what_was_not_begun_goes_back_whole),
        cmocka_unit_test(a_store_that_is_down_postpones),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
