#include "cli/doctor.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PREFLIGHT(origin, methods)                                                                                     \
    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: " origin "\r\nAccess-Control-Allow-Methods: " methods             \
    "\r\nContent-Length: 0\r\n\r\n"

static void check_with(void (*check)(struct doctor *, struct doctor_finding *), const char *const *answers,
                       const char *origins, unsigned facts, struct doctor_finding *ret_finding) {
    char endpoint[128];
    struct fake_server server;
    struct config config = nothing_there();
    fake_server_start(&server, answers, fake_http_serve);
    config.s3_public_endpoint = (char *)fake_http_url(&server, "", endpoint);
    config.cors_origins = (char *)origins;
    struct doctor doctor = {.config = &config, .facts = facts};
    *ret_finding = (struct doctor_finding){0};
    check(&doctor, ret_finding);
    fake_server_stop(&server);
    fake_server_free(&server);
}

static enum doctor_result cors(const char *origins, const char *answer) {
    const char *const answers[] = {answer, NULL};
    struct doctor_finding finding;
    check_with(doctor_check_cors, answers, origins, 0, &finding);
    return finding.result;
}

static void every_origin_must_be_allowed(void **state) {
    (void)state;
    assert_int_equal(cors("https://a.example", PREFLIGHT("https://a.example", "GET, PUT")), DOCTOR_OK);
    assert_int_equal(cors("https://a.example", PREFLIGHT("*", "*")), DOCTOR_OK);
    assert_int_equal(cors("*", PREFLIGHT("*", "PUT")), DOCTOR_OK);
    assert_int_equal(cors("*", PREFLIGHT("https://a.example", "PUT")), DOCTOR_FAIL);
    assert_int_equal(cors("https://a.example", PREFLIGHT("https://b.example", "PUT")), DOCTOR_FAIL);
    assert_int_equal(cors("https://a.example", PREFLIGHT("https://a.example", "GET")), DOCTOR_FAIL);
    assert_int_equal(cors("https://a.example", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), DOCTOR_FAIL);
    assert_int_equal(cors("https://a.example", FAKE_CLOSE), DOCTOR_FAIL);
    assert_int_equal(cors("https://a.example,https://b.example", PREFLIGHT("*", "PUT")), DOCTOR_FAIL);
    assert_int_equal(cors("", PREFLIGHT("*", "PUT")), DOCTOR_SKIPPED);
}

static void a_proxy_that_changes_the_host_is_suspected(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_ERROR("403 Forbidden", "SignatureDoesNotMatch"), NULL};
    struct doctor_finding finding;
    check_with(doctor_check_public, answers, "", DOCTOR_BUCKET, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_non_null(strstr(finding.remedy, "Host"));
    check_with(doctor_check_public, answers, "", 0, &finding);
    assert_int_equal(finding.result, DOCTOR_SKIPPED); /* the store itself refuses, too */
}

static void nobody_at_the_public_endpoint(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    doctor_check_public(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "http://127.0.0.1:1 cannot be reached"));
    assert_null(strstr(finding.found, "X-Amz"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_origin_must_be_allowed),
        cmocka_unit_test(a_proxy_that_changes_the_host_is_suspected),
        cmocka_unit_test(nobody_at_the_public_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
