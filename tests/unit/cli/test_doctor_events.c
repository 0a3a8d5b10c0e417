#include "cli/doctor.h"
#include "common/probe.h"
#include "common/upload_prefixes.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SUBSCRIBED(arn)                                                                                                \
    FAKE_XML("200 OK", "<NotificationConfiguration><QueueConfiguration><Queue>" arn "</Queue>"                         \
                       "<Event>s3:ObjectCreated:Put</Event></QueueConfiguration></NotificationConfiguration>")

static enum doctor_result notifications(const char *arns, const char *answer, struct doctor_finding *ret_finding) {
    const char *const answers[] = {answer, NULL};
    struct fake_s3 store;
    struct config config = nothing_there();
    fake_s3_start(&store, answers);
    config.s3_notify_arns = (char *)arns;
    struct doctor doctor = {.config = &config, .store = store.client};
    *ret_finding = (struct doctor_finding){0};
    doctor_check_notifications(&doctor, ret_finding);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
    return ret_finding->result;
}

static void a_missing_subscription_is_named(void **state) {
    (void)state;
    static const char none[] = FAKE_XML("200 OK", "<NotificationConfiguration></NotificationConfiguration>");
    struct doctor_finding finding;
    assert_int_equal(notifications("arn:a", none, &finding), DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "notification is missing"));
    assert_int_equal(notifications("arn:a", SUBSCRIBED("arn:a"), &finding), DOCTOR_FAIL);
    assert_int_equal(notifications("", none, &finding), DOCTOR_SKIPPED);
    assert_int_equal(notifications("", FAKE_ERROR("501 Not Implemented", "NotImplemented"), &finding), DOCTOR_SKIPPED);
    assert_int_equal(notifications("arn:a", FAKE_ERROR("501 Not Implemented", "NotImplemented"), &finding),
                     DOCTOR_FAIL);
}

static void probes_lie_where_events_come_from(void **state) {
    (void)state;
    assert_true(probe_is_key(PROBE_PREFIX "x"));
    assert_false(probe_is_key("files/x"));
    assert_memory_equal(PROBE_PREFIX, upload_prefixes[0], strlen(upload_prefixes[0]));
}

static void a_probe_that_cannot_be_put_is_a_failure(void **state) {
    (void)state;
    static const char *const answers[] = {NULL};
    struct fake_s3 store;
    struct config config = nothing_there();
    struct doctor_finding finding = {0};
    struct doctor doctor;
    struct error err = {0};
    fake_s3_start(&store, answers);
    doctor_open(&doctor, &config);
    doctor.store = store.client;
    assert_true(redis_new(config.redis_url, 200, &doctor.queue, &err));
    doctor_check_round_trip(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_true(*finding.remedy != '\0');
    store.client = NULL;
    doctor_close(&doctor);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_subscription_is_named),
        cmocka_unit_test(probes_lie_where_events_come_from),
        cmocka_unit_test(a_probe_that_cannot_be_put_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
