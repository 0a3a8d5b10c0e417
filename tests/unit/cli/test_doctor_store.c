#include "cli/doctor.h"
#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned judge(int status, const char *code, struct doctor_finding *ret_finding) {
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config, .probe = {.status = status}};
    snprintf(doctor.probe.code, sizeof doctor.probe.code, "%s", code);
    *ret_finding = (struct doctor_finding){0};
    doctor_check_credentials(&doctor, ret_finding);
    return doctor.facts;
}

static void refusals_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *code;
        const char *remedy; /* a word of it */
    } cases[] = {
        {"SignatureDoesNotMatch", "SLUICE_S3_SECRET_KEY"}, {"InvalidAccessKeyId", "SLUICE_S3_ACCESS_KEY"},
        {"XAdminUserNotFound", "SLUICE_S3_ACCESS_KEY"},    {"RequestTimeTooSkewed", "NTP"},
        {"ExpiredToken", "SLUICE_S3_SESSION_TOKEN"},       {"AccessDenied", "s3:ListBucket"},
        {"PermanentRedirect", "SLUICE_S3_REGION"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct doctor_finding finding;
        assert_int_equal(judge(403, cases[i].code, &finding), 0);
        assert_int_equal(finding.result, DOCTOR_FAIL);
        assert_non_null(strstr(finding.found, cases[i].code));
        assert_non_null(strstr(finding.remedy, cases[i].remedy));
    }
}

static void a_missing_bucket_is_no_matter_of_credentials(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor_finding finding;
    assert_int_equal(judge(200, "", &finding), DOCTOR_CREDENTIALS);
    assert_int_equal(judge(404, "NoSuchBucket", &finding), DOCTOR_CREDENTIALS);
    assert_int_equal(finding.result, DOCTOR_OK);
    struct doctor doctor = {.config = &config, .probe = {.status = 404, .code = "NoSuchBucket"}};
    doctor_check_bucket(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    doctor.probe.status = 200;
    doctor_check_bucket(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_OK);
    assert_int_equal(doctor.facts, DOCTOR_BUCKET);
}

static void an_odd_answer_is_shown(void **state) {
    (void)state;
    struct doctor_finding finding;
    assert_int_equal(judge(418, "Teapot", &finding), 0);
    assert_string_equal(finding.found, "the store answered 418 Teapot");
}

static void a_bad_endpoint_is_a_finding(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor_finding finding = {0};
    struct doctor doctor = {.config = &config};
    config.s3_endpoint = (char *)"nonsense";
    doctor_check_store(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_int_equal(doctor.facts, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(a_missing_bucket_is_no_matter_of_credentials),
        cmocka_unit_test(an_odd_answer_is_shown),
        cmocka_unit_test(a_bad_endpoint_is_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
