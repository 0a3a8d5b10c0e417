#include "common/file_state.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { COUNT = 3 };

static const struct file_arrival arrivals[COUNT] = {
    {.bucket = "uploads", .object_key = "files/2", .size = 5},
    {.bucket = "uploads", .object_key = "files/1", .size = -1},
    {.bucket = "uploads", .object_key = "files/2", .size = 6},
};

static const struct file_claim room = {.worker = "w", .lease_s = 30, .max_jobs = 2, .max_bytes = 100};

/* What the statement makes of records is in tests/integration/test_take.py. */
static void without_an_answer_nothing_is_known_and_nothing_claimed(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_OK, NULL}, 0);
    enum file_arrival_effect effects[COUNT] = {ARRIVAL_COUNTED, ARRIVAL_COUNTED, ARRIVAL_COUNTED};
    _cleanup_(file_jobs_free) struct file_jobs jobs = {0};
    struct error err = {0};
    assert_true(file_state_take(db, arrivals, COUNT, &room, effects, &jobs, &err));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(effects[i], ARRIVAL_UNKNOWN);
    }
    assert_int_equal(jobs.count, 0);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare FILE_ARRIVE\nrun FILE_ARRIVE\n");
}

static void a_place_that_was_not_asked_for_is_left_out(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_ROW, NULL}, 0);
    enum file_arrival_effect effects[COUNT];
    struct error err = {0};
    assert_true(file_state_arrive(db, arrivals, COUNT, effects, &err));
    assert_int_equal(effects[0], ARRIVAL_UNKNOWN);
    free(fake_postgres_stop(&server, db));
}

static void a_failure_claims_nothing(void **state) {
    (void)state;
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, (const char *const[]){FAKE_OK, FAKE_ERROR("22021"), NULL}, 0);
    enum file_arrival_effect effects[COUNT];
    _cleanup_(file_jobs_free) struct file_jobs jobs = {0};
    struct error err = {0};
    assert_false(file_state_take(db, arrivals, COUNT, &room, effects, &jobs, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    assert_int_equal(jobs.count, 0);
    free(fake_postgres_stop(&server, db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_answer_nothing_is_known_and_nothing_claimed),
        cmocka_unit_test(a_place_that_was_not_asked_for_is_left_out),
        cmocka_unit_test(a_failure_claims_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
