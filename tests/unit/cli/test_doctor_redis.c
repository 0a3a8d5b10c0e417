#include "cli/doctor.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static enum doctor_result policy_result(const char *info, struct doctor_finding *ret_finding) {
    struct doctor doctor = {0};
    buf_append_text(&doctor.queue_info, info);
    *ret_finding = (struct doctor_finding){0};
    doctor_check_redis_policy(&doctor, ret_finding);
    buf_free(&doctor.queue_info);
    return ret_finding->result;
}

static void an_evicting_policy_is_named(void **state) {
    (void)state;
    struct doctor_finding finding;
    assert_int_equal(policy_result("maxmemory_policy:noeviction\r\n", &finding), DOCTOR_OK);
    assert_int_equal(policy_result("maxmemory_policy:allkeys-lru\r\n", &finding), DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "evicting policy (allkeys-lru)"));
    assert_int_equal(policy_result("maxmemory_policy:allkeys-random\r\n", &finding), DOCTOR_FAIL);
    assert_int_equal(policy_result("maxmemory_policy:volatile-lru\r\n", &finding), DOCTOR_WARN);
    assert_int_equal(policy_result("", &finding), DOCTOR_WARN);
}

static enum doctor_result persistence_result(const char *info) {
    struct doctor doctor = {0};
    struct doctor_finding finding = {0};
    buf_append_text(&doctor.queue_info, info);
    doctor_check_redis_persistence(&doctor, &finding);
    buf_free(&doctor.queue_info);
    return finding.result;
}

static void the_append_only_file_should_be_on(void **state) {
    (void)state;
    assert_int_equal(persistence_result("aof_enabled:1\r\naof_last_write_status:ok\r\n"), DOCTOR_OK);
    assert_int_equal(persistence_result("aof_enabled:0\r\naof_last_write_status:ok\r\n"), DOCTOR_WARN);
    assert_int_equal(persistence_result("aof_enabled:1\r\naof_last_write_status:err\r\n"), DOCTOR_FAIL);
}

static void the_answer_of_redis_is_kept(void **state) {
    (void)state;
    static const char *const replies[] = {"$21\r\nredis_version:7.0.15\n\r\n", NULL};
    struct fake_server server;
    redis_free(fake_redis_start(&server, replies));
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server.port);
    struct config config = nothing_there();
    config.redis_url = url;
    struct doctor_finding finding = {0};
    struct doctor doctor;
    doctor_open(&doctor, &config);
    doctor_check_redis(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_OK);
    assert_string_equal(finding.found, "Redis 7.0.15 answers");
    assert_int_equal(doctor.facts, DOCTOR_QUEUE);
    doctor_close(&doctor);
    fake_server_stop(&server);
    fake_server_free(&server);
}

static void one_redis_for_both_is_a_warning(void **state) {
    (void)state;
    static const char *const replies[] = {"$10\r\nrun_id:abc\r\n", "$10\r\nrun_id:xyz\r\n", NULL};
    struct fake_server server;
    redis_free(fake_redis_start(&server, replies));
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server.port);
    struct config config = nothing_there();
    struct doctor doctor = {.config = &config};
    struct doctor_finding finding = {0};
    buf_append_text(&doctor.queue_info, "run_id:abc\r\n");
    config.cache_redis_url = url;
    doctor_check_cache(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_WARN);
    doctor_check_cache(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_OK);
    config.cache_redis_url = (char *)"";
    doctor_check_cache(&doctor, &finding);
    assert_int_equal(finding.result, DOCTOR_WARN);
    buf_free(&doctor.queue_info);
    fake_server_stop(&server);
    fake_server_free(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_evicting_policy_is_named),
        cmocka_unit_test(the_append_only_file_should_be_on),
        cmocka_unit_test(the_answer_of_redis_is_kept),
        cmocka_unit_test(one_redis_for_both_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
