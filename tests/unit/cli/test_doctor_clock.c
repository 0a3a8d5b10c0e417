#include "cli/doctor.h"
#include "common/clock.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static enum doctor_result result_of(int64_t theirs_ms, struct doctor_finding *ret_finding) {
    char reply[64];
    snprintf(reply, sizeof reply, "*2\r\n$10\r\n%lld\r\n$1\r\n0\r\n", (long long)(theirs_ms / 1000));
    const char *const replies[] = {reply, NULL};
    struct fake_server server;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config, .facts = DOCTOR_QUEUE, .queue = fake_redis_start(&server, replies)};
    *ret_finding = (struct doctor_finding){0};
    doctor_check_clock(&doctor, ret_finding);
    free(fake_redis_stop(&server, doctor.queue));
    return ret_finding->result;
}

static void a_clock_that_is_off_is_named(void **state) {
    (void)state;
    struct doctor_finding finding;
    assert_int_equal(result_of(clock_now_ms(), &finding), DOCTOR_OK);
    assert_int_equal(result_of(clock_now_ms() - 60000, &finding), DOCTOR_WARN);
    assert_int_equal(result_of(clock_now_ms() - (int64_t)20 * 60000 - 500, &finding), DOCTOR_FAIL);
    assert_string_equal(finding.found, "this host's clock: 20.0 min ahead of Redis");
    assert_int_equal(result_of(clock_now_ms() + (int64_t)20 * 60000 + 500, &finding), DOCTOR_FAIL);
    assert_string_equal(finding.found, "this host's clock: 20.0 min behind Redis");
}

static void nobody_to_ask(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    doctor_check_clock(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_SKIPPED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_off_is_named),
        cmocka_unit_test(nobody_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
