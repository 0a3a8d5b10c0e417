#include "cli/doctor.h"
#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/common/fake_sqs.h"

static struct doctor_finding look(const char *url) {
    struct config config = nothing_there();
    config.sqs_queue_url = (char *)(uintptr_t)url;
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    doctor_check_sqs(&doctor, &finding);
    return finding;
}

static struct doctor_finding look_at(const char *answer, const char *target) {
    struct fake_server server;
    char url[128];
    fake_server_start(&server, (const char *const[]){answer, NULL}, fake_http_serve);
    struct doctor_finding finding = look(fake_http_url(&server, "/1/uploads", url));
    fake_server_stop(&server);
    assert_int_equal(fake_http_count(&server, target), 1);
    fake_server_free(&server);
    return finding;
}

static void without_a_queue_there_is_nothing_to_look_at(void **state) {
    (void)state;
    assert_int_equal(look("").result, DOCTOR_SKIPPED);
}

static void a_queue_that_answers_is_well(void **state) {
    (void)state;
    static const char answer[] = FAKE_SQS_REPLY("200 OK", "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"12\"}}");
    struct doctor_finding finding = look_at(answer, "AmazonSQS.GetQueueAttributes");
    assert_int_equal(finding.result, DOCTOR_OK);
    assert_non_null(strstr(finding.found, "12"));
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    static const char answer[] =
        FAKE_SQS_REPLY("400 Bad Request", "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"}");
    struct doctor_finding finding = look_at(answer, "AmazonSQS.GetQueueAttributes");
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "QueueDoesNotExist"));
    assert_int_equal(look("http://127.0.0.1:1/1/uploads").result, DOCTOR_FAIL);
    assert_int_equal(look("uploads").result, DOCTOR_FAIL);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_queue_there_is_nothing_to_look_at),
        cmocka_unit_test(a_queue_that_answers_is_well),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
