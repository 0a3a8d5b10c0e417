#include "processor/settlement.h"

#include "../common/fake_postgres.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { KIB = 1024, MIB = 1024 * 1024, GIB = 1024 * 1024 * 1024 };

static char ordinary[] = "file";
static char asset[] = "asset";

static void nothing_waits_for_nothing(void **state) {
    (void)state;
    struct settlement settlement = {0};
    assert_false(settlement_is_due(&settlement, 1000000, GIB));
}

static void small_files_share_a_commit_for_a_moment(void **state) {
    (void)state;
    struct settlement settlement = {0};
    settlement_added(&settlement, 1000);
    settlement_added(&settlement, 1040);
    assert_false(settlement_is_due(&settlement, 1099, 64 * KIB));
    assert_true(settlement_is_due(&settlement, 1100, 64 * KIB));
}

static void finished_files_do_not_wait_for_a_large_one(void **state) {
    (void)state;
    struct settlement settlement = {0};
    settlement_added(&settlement, 1000);
    assert_false(settlement_is_due(&settlement, 1000, MIB));
    assert_true(settlement_is_due(&settlement, 1000, MIB + 1));
    assert_true(settlement_is_due(&settlement, 1000, -1)); /* may be large */
}

static void a_full_one_is_due(void **state) {
    (void)state;
    struct settlement settlement = {0};
    for (size_t i = 0; i < SETTLEMENT_MAX; i++) {
        assert_ptr_equal(settlement_next(&settlement), &settlement.results[i]);
        settlement_added(&settlement, 1000);
    }
    assert_true(settlement_is_due(&settlement, 1000, 1));
}

/* The first of a content must be written before its duplicates look for it; they themselves may wait together. */
static void assets_wait_for_no_unwritten_one_of_their_content(void **state) {
    (void)state;
    struct settlement settlement = {0};
    char owner[] = "owner";
    char other_owner[] = "other";
    struct file_job done = {.kind = asset, .owner_id = owner, .expected_sha256 = {1}};
    struct file_job job = done;
    assert_false(settlement_has_content_of(&settlement, &job));
    *settlement_next(&settlement) = (struct job_result){.outcome = {.job = &done, .event = FILE_FINISH}};
    settlement_added(&settlement, 0);
    assert_true(settlement_has_content_of(&settlement, &job));
    job.expected_sha256[0] = 2;
    assert_false(settlement_has_content_of(&settlement, &job));
    job.expected_sha256[0] = 1;
    job.owner_id = other_owner;
    assert_false(settlement_has_content_of(&settlement, &job));
    job.owner_id = owner;
    job.kind = ordinary;
    assert_false(settlement_has_content_of(&settlement, &job));
    job.kind = asset;
    settlement.results[0].holder[0] = '0'; /* a duplicate */
    assert_false(settlement_has_content_of(&settlement, &job));
    settlement.results[0].holder[0] = '\0';
    settlement.results[0].outcome.event = FILE_POSTPONE;
    assert_false(settlement_has_content_of(&settlement, &job));
}

struct fixture {
    struct fake_server server;
    struct step_tools tools;
    struct dependency database;
    struct settlement settlement;
    struct file_job jobs[2];
};

static void start(struct fixture *fixture, const char *const *answers) {
    *fixture = (struct fixture){.database = {.name = "database"}};
    fixture->settlement.db = fake_postgres_start(&fixture->server, answers, 0);
    fixture->settlement.tools = &fixture->tools;
    fixture->settlement.database = &fixture->database;
    for (size_t i = 0; i < 2; i++) {
        fixture->jobs[i] =
            (struct file_job){.queue_id = (int64_t)i, .file_id = "0190", .kind = ordinary, .lease_token = "token"};
        *settlement_next(&fixture->settlement) =
            (struct job_result){.outcome = {.job = &fixture->jobs[i], .event = FILE_FINISH, .size = 1}};
        settlement_added(&fixture->settlement, 0);
    }
}

static char *stop(struct fixture *fixture) {
    return fake_postgres_stop(&fixture->server, fixture->settlement.db);
}

/* What was found in a picture becomes visible with its status. */
static void pictures_are_written_in_the_same_transaction(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    start(&fixture,
          (const char *const[]){FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL});
    fixture.jobs[0].object_key = (char *)(uintptr_t) "files/0190/a.jpg";
    fixture.settlement.results[0].picture.is_known = true;
    assert_true(settlement_write(&fixture.settlement, &err));
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_non_null(strstr(requests, "run FILE_SETTLE\nprepare PICTURES_WRITE\nrun PICTURES_WRITE\nCOMMIT\n"));
}

static void a_picture_that_is_refused_undoes_its_status(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_FATAL("57P01"), NULL});
    fixture.jobs[0].object_key = (char *)(uintptr_t) "files/0190/a.jpg";
    fixture.settlement.results[0].picture.is_known = true;
    assert_false(settlement_write(&fixture.settlement, &err));
    assert_int_equal(fixture.settlement.count, 2);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_null(strstr(requests, "COMMIT"));
}

/* No row says that its content is still its own: the asset goes back to the queue. */
static void an_asset_that_lost_its_content_is_not_finished(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    char owner[] = "owner";
    char key[] = "staging/0190/a.bin";
    char filename[] = "a.bin";
    start(&fixture,
          (const char *const[]){FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, NULL});
    fixture.jobs[0].kind = asset;
    fixture.jobs[0].owner_id = owner;
    fixture.jobs[0].object_key = key;
    fixture.jobs[0].filename = filename;
    assert_true(settlement_write(&fixture.settlement, &err));
    assert_int_equal(fixture.settlement.results[0].outcome.event, FILE_POSTPONE);
    assert_false(fixture.settlement.results[0].outcome.attempt_spent);
    assert_int_equal(fixture.settlement.results[1].outcome.event, FILE_FINISH);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_non_null(strstr(requests, "BEGIN\nprepare ASSETS_HOLD\nrun ASSETS_HOLD\nprepare FILE_SETTLE\n"
                                     "run FILE_SETTLE\nCOMMIT\n"));
}

/* No row comes back: both leases were lost. Then it matters whether the files still exist. */
static void lost_jobs_are_dropped_and_looked_after(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL});
    assert_true(settlement_write(&fixture.settlement, &err));
    assert_int_equal(fixture.settlement.count, 0);
    assert_true(settlement_write(&fixture.settlement, &err)); /* nothing waits: nothing is sent */
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_string_equal(requests, "prepare FILE_SETTLE\nrun FILE_SETTLE\nprepare FILES_GONE\nrun FILES_GONE\n");
}

static void outcomes_stay_while_the_database_is_down(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_FATAL("57P01"), NULL});
    assert_false(settlement_write(&fixture.settlement, &err));
    assert_int_equal(fixture.settlement.count, 2);
    assert_true(fixture.database.is_down);
    free(stop(&fixture));
}

static void one_bad_outcome_spoils_no_other(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("22021"), FAKE_ERROR("22021"), FAKE_OK, FAKE_OK, FAKE_OK,
                                          NULL};
    start(&fixture, answers);
    assert_true(settlement_write(&fixture.settlement, &err));
    assert_int_equal(fixture.settlement.count, 0);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_string_equal(requests, "prepare FILE_SETTLE\nrun FILE_SETTLE\nrun FILE_SETTLE\nrun FILE_SETTLE\n"
                                  "prepare FILES_GONE\nrun FILES_GONE\n");
}

static int start_metrics(void **state) {
    (void)state;
    metrics_start();
    settlement_label_metrics();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_waits_for_nothing),
        cmocka_unit_test(small_files_share_a_commit_for_a_moment),
        cmocka_unit_test(finished_files_do_not_wait_for_a_large_one),
        cmocka_unit_test(a_full_one_is_due),
        cmocka_unit_test(pictures_are_written_in_the_same_transaction),
        cmocka_unit_test(a_picture_that_is_refused_undoes_its_status),
        cmocka_unit_test(assets_wait_for_no_unwritten_one_of_their_content),
        cmocka_unit_test(an_asset_that_lost_its_content_is_not_finished),
        cmocka_unit_test(lost_jobs_are_dropped_and_looked_after),
        cmocka_unit_test(outcomes_stay_while_the_database_is_down),
        cmocka_unit_test(one_bad_outcome_spoils_no_other),
    };
    return cmocka_run_group_tests(tests, start_metrics, NULL);
}
