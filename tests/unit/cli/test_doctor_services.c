#include "cli/doctor.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_postgres.h"
#include "tests/unit/common/fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void missing_migrations_are_named(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config, .db = fake_postgres_start(&server, answers, 0)};
    struct doctor_finding finding = {0};
    doctor_check_migrations(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "missing: 0001_files"));
    assert_int_equal(doctor.facts, 0);
    free(fake_postgres_stop(&server, doctor.db));
}

static void a_database_that_is_not_there(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor_finding finding = {0};
    struct doctor doctor;
    doctor_open(&doctor, &config);
    doctor_check_database(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_null(strstr(finding.found, "secret-word"));
    doctor_close(&doctor);
}

static enum doctor_result processors_result(const char *reply) {
    const char *const replies[] = {reply, NULL};
    struct fake_server server;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config, .queue = fake_redis_start(&server, replies)};
    struct doctor_finding finding = {0};
    doctor_check_processors(&doctor, &finding);
    free(fake_redis_stop(&server, doctor.queue));
    return finding.result;
}

static void somebody_must_process(void **state) {
    (void)state;
    assert_int_equal(processors_result(":4\r\n"), DOCTOR_OK);
    assert_int_equal(processors_result(":0\r\n"), DOCTOR_FAIL);
    assert_int_equal(processors_result("-OOM\r\n"), DOCTOR_FAIL);
}

static void settings_hold_no_secret(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    doctor_check_settings(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_OK);
    assert_null(strstr(finding.found, "secret-word"));
}

static void a_bad_endpoint_is_not_shown(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    config.s3_public_endpoint = (char *)"http://user:secret-word@store.example";
    doctor_check_settings(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_null(strstr(finding.found, "secret-word"));
    assert_int_equal(doctor.facts, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_migrations_are_named), cmocka_unit_test(a_database_that_is_not_there),
        cmocka_unit_test(somebody_must_process),        cmocka_unit_test(settings_hold_no_secret),
        cmocka_unit_test(a_bad_endpoint_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
