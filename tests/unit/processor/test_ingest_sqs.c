#include "processor/ingest_sqs.h"

#include "common/clock.h"
#include "common/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../common/fake_sqs.h"

#define TWO                                                                                                            \
    FAKE_SQS_REPLY("200 OK", "{\"Messages\":[{\"ReceiptHandle\":\"r0\",\"Body\":\"b0\"},"                              \
                             "{\"ReceiptHandle\":\"r1\",\"Body\":\"\"}]}")
#define NONE FAKE_SQS_REPLY("200 OK", "{}")
#define BUSY FAKE_SQS_REPLY("400 Bad Request", "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\"}")
#define BOTH_GONE FAKE_SQS_REPLY("200 OK", "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"1\"}],\"Failed\":[]}")
#define FIRST_GONE                                                                                                     \
    FAKE_SQS_REPLY("200 OK", "{\"Successful\":[{\"Id\":\"0\"}],\"Failed\":[{\"Id\":\"1\",\"SenderFault\":false}]}")
#define SECOND_GONE FAKE_SQS_REPLY("200 OK", "{\"Successful\":[{\"Id\":\"1\"}]}")
#define SECOND_REFUSED                                                                                                 \
    FAKE_SQS_REPLY("200 OK", "{\"Successful\":[{\"Id\":\"0\"}],\"Failed\":[{\"Id\":\"1\",\"SenderFault\":true}]}")

enum { VISIBILITY_S = 60 };

struct fixture {
    struct fake_sqs sqs;
    struct ingest_sqs *made;
    struct ingest_source source;
    struct error err;
};

static void start(struct fixture *fixture, const char *const *answers, int64_t visibility_s) {
    *fixture = (struct fixture){0};
    fake_sqs_start(&fixture->sqs, answers);
    fixture->made = ingest_sqs_new(fixture->sqs.client, visibility_s);
    fixture->source = ingest_sqs_source(fixture->made);
}

static void stop(struct fixture *fixture, size_t receives, size_t deletes) {
    ingest_sqs_free(fixture->made);
    fake_sqs_stop(&fixture->sqs);
    assert_int_equal(fake_http_count(&fixture->sqs.server, "AmazonSQS.ReceiveMessage"), receives);
    assert_int_equal(fake_http_count(&fixture->sqs.server, "AmazonSQS.DeleteMessageBatch"), deletes);
    fake_sqs_end(&fixture->sqs);
}

static size_t take(struct fixture *fixture) {
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_true(fixture->source.take(fixture->source.context, &elements, &fixture->err));
    return elements.count;
}

static bool settle(struct fixture *fixture, size_t count) {
    return fixture->source.settle(fixture->source.context, count, &fixture->err);
}

static void a_body_that_is_empty_does_not_vanish(void **state) {
    (void)state;
    struct fixture fixture;
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    start(&fixture, (const char *const[]){TWO, NULL}, VISIBILITY_S);
    assert_true(fixture.source.take(fixture.source.context, &elements, &fixture.err));
    assert_int_equal(elements.count, 2);
    assert_memory_equal(elements.items[0].data, "b0", 2);
    assert_int_equal(elements.items[1].length, 1);
    stop(&fixture, 1, 0);
}

/* Nothing more is received before what was received has had its effect. */
static void what_is_not_settled_comes_again_without_a_request(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){TWO, NULL}, VISIBILITY_S);
    assert_int_equal(take(&fixture), 2);
    assert_int_equal(take(&fixture), 2);
    stop(&fixture, 1, 0);
}

static void what_is_settled_is_deleted(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){TWO, BOTH_GONE, NONE, NULL}, VISIBILITY_S);
    assert_int_equal(take(&fixture), 2);
    assert_true(settle(&fixture, 2));
    assert_int_equal(take(&fixture), 0);
    stop(&fixture, 2, 1);
}

static void a_deletion_that_failed_is_finished_before_more_is_received(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){TWO, BUSY, FIRST_GONE, SECOND_GONE, NONE, NULL}, VISIBILITY_S);
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    assert_int_equal(take(&fixture), 2);
    assert_false(settle(&fixture, 2));
    assert_int_equal(fixture.err.code, ERROR_SQS_UNAVAILABLE);
    assert_false(fixture.source.take(fixture.source.context, &elements, &fixture.err));
    assert_int_equal(take(&fixture), 0);
    stop(&fixture, 2, 3);
}

static void what_the_queue_refuses_to_delete_is_left_to_it(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){TWO, SECOND_REFUSED, NONE, NULL}, VISIBILITY_S);
    assert_int_equal(take(&fixture), 2);
    assert_true(settle(&fixture, 2));
    assert_int_equal(take(&fixture), 0);
    stop(&fixture, 2, 1);
}

/* Others may have them by now; to insist would be of no use. */
static void what_is_no_longer_hidden_is_left_to_the_queue(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture, (const char *const[]){TWO, BUSY, NONE, NULL}, 0);
    assert_int_equal(take(&fixture), 2);
    assert_true(settle(&fixture, 2));
    assert_int_equal(take(&fixture), 0);
    stop(&fixture, 2, 1);
}

static void a_queue_that_is_away_is_told(void **state) {
    (void)state;
    struct fixture fixture;
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    start(&fixture, (const char *const[]){FAKE_CLOSE, NULL}, VISIBILITY_S);
    assert_false(fixture.source.take(fixture.source.context, &elements, &fixture.err));
    assert_int_equal(fixture.err.code, ERROR_SQS_UNAVAILABLE);
    assert_int_equal(elements.count, 0);
    stop(&fixture, 1, 0);
}

static int start_metrics(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    metrics_start();
    ingest_sqs_label_metrics();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_is_empty_does_not_vanish),
        cmocka_unit_test(what_is_not_settled_comes_again_without_a_request),
        cmocka_unit_test(what_is_settled_is_deleted),
        cmocka_unit_test(a_deletion_that_failed_is_finished_before_more_is_received),
        cmocka_unit_test(what_the_queue_refuses_to_delete_is_left_to_it),
        cmocka_unit_test(what_is_no_longer_hidden_is_left_to_the_queue),
        cmocka_unit_test(a_queue_that_is_away_is_told),
    };
    return cmocka_run_group_tests(tests, start_metrics, NULL);
}
