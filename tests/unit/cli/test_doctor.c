#include "cli/doctor.h"
#include "common/clock.h"
#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_check_has_a_remedy_and_a_name_of_its_own(void **state) {
    (void)state;
    unsigned known = 0;
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        assert_true(strlen(check->remedy) > 10);
        assert_non_null(check->run);
        for (const struct doctor_check *other = doctor_checks; other != check; other++) {
            assert_string_not_equal(other->name, check->name);
        }
        known |= check->needs;
    }
    assert_true((known & (DOCTOR_DATABASE | DOCTOR_QUEUE | DOCTOR_BUCKET)) != 0);
}

static void nothing_there_hides_no_check(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor doctor;
    size_t failed = 0;
    size_t skipped = 0;
    doctor_open(&doctor, &config);
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        struct doctor_finding finding;
        doctor_run(&doctor, check, &finding);
        failed += finding.result == DOCTOR_FAIL;
        skipped += finding.result == DOCTOR_SKIPPED;
        assert_true(*finding.found != '\0');
        assert_int_equal(*finding.remedy != '\0', finding.result >= DOCTOR_WARN);
        assert_null(strstr(finding.found, "secret-word"));
        assert_null(strstr(finding.remedy, "secret-word"));
    }
    doctor_close(&doctor);
    assert_int_equal(failed, 5); /* database, redis, cache, store, public endpoint */
    assert_int_equal(skipped, 11);
}

static void what_is_left_out_names_what_it_needed(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor_finding finding;
    struct doctor doctor;
    const struct doctor_check check = {"x", DOCTOR_DATABASE | DOCTOR_SCHEMA, doctor_check_migrations, "remedy"};
    doctor_open(&doctor, &config);
    doctor.facts = DOCTOR_DATABASE;
    doctor_run(&doctor, &check, &finding);
    assert_int_equal(finding.result, DOCTOR_SKIPPED);
    assert_string_equal(finding.found, "not looked at, because of: migrations");
    doctor_close(&doctor);
}

static void when_the_time_is_over_nothing_more_is_looked_at(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct doctor_finding finding;
    struct doctor doctor;
    doctor_open(&doctor, &config);
    assert_in_range(doctor.end_ms - clock_monotonic_ms(), DOCTOR_TOTAL_MS - 5000, DOCTOR_TOTAL_MS);
    doctor.end_ms = clock_monotonic_ms();
    doctor_run(&doctor, &doctor_checks[0], &finding);
    assert_int_equal(finding.result, DOCTOR_FAIL);
    assert_non_null(strstr(finding.found, "more than 60 s"));
    assert_true(*finding.remedy != '\0');
    doctor_close(&doctor);
}

static void results_have_names(void **state) {
    (void)state;
    assert_string_equal(doctor_result_name(DOCTOR_OK), "ok");
    assert_string_equal(doctor_result_name(DOCTOR_WARN), "warn");
    assert_string_equal(doctor_result_name(DOCTOR_FAIL), "FAIL");
    assert_string_equal(doctor_result_name(DOCTOR_SKIPPED), "skipped");
}

static void clients_reach_the_public_endpoint(void **state) {
    (void)state;
    struct config config = nothing_there();
    assert_string_equal(doctor_public_endpoint(&config), "http://127.0.0.1:1");
    config.s3_public_endpoint = (char *)"https://files.example";
    assert_string_equal(doctor_public_endpoint(&config), "https://files.example");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_has_a_remedy_and_a_name_of_its_own),
        cmocka_unit_test(nothing_there_hides_no_check),
        cmocka_unit_test(what_is_left_out_names_what_it_needed),
        cmocka_unit_test(when_the_time_is_over_nothing_more_is_looked_at),
        cmocka_unit_test(results_have_names),
        cmocka_unit_test(clients_reach_the_public_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
