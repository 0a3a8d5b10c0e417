#include "common/webhook_queue.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void who_is_not_the_reader_reads_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    size_t read = 7;
    size_t made = 7;
    assert_true(webhook_queue_read_on(db, 10, &read, &made, &err));
    assert_int_equal(read, 0);
    assert_int_equal(made, 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\nprepare WEBHOOK_READER_LOCK\nrun WEBHOOK_READER_LOCK\nCOMMIT\n");
}

static void what_was_read_counts_with_the_commit_only(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_ERROR("53100"), FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    size_t read = 7;
    size_t made = 7;
    assert_false(webhook_queue_read_on(db, 10, &read, &made, &err));
    assert_int_equal(read, 7);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_non_null(strstr(requests, "run WEBHOOK_READ_ON\nROLLBACK\n"));
}

static void nothing_due_is_nothing_claimed(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    struct webhook_job jobs[2];
    size_t count = 7;
    assert_true(webhook_queue_claim(db, 2, 1, 30, jobs, &count, &err));
    assert_int_equal(count, 0);
    free(fake_postgres_stop(&server, db));
}

static void a_lost_lease_writes_nothing(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    const struct webhook_job job = {.attempts = 1};
    struct webhook_attempt attempt = {
        .job = &job, .outcome = {.status = "delivered", .http_status = 200}, .settled = {.is_held = true}};
    assert_true(webhook_queue_settle(db, 60, &attempt, 1, &err));
    assert_false(attempt.settled.is_held);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare WEBHOOK_SETTLE\nrun WEBHOOK_SETTLE\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_the_reader_reads_nothing),
        cmocka_unit_test(what_was_read_counts_with_the_commit_only),
        cmocka_unit_test(nothing_due_is_nothing_claimed),
        cmocka_unit_test(a_lost_lease_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
