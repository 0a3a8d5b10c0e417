#include "fake_postgres.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A statement without parameters; what it says does not matter here. */
#define ANY SQL_MIGRATIONS_EXIST
#define PREPARE "prepare MIGRATIONS_EXIST\n"
#define RUN "run MIGRATIONS_EXIST\n"
#define DEALLOCATE "DEALLOCATE \"MIGRATIONS_EXIST\"\n"

static void a_statement_is_prepared_once_a_connection(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ROW, FAKE_ROW, FAKE_CLOSE, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    assert_true(db_run(db, ANY, NULL, &result, &err));
    assert_int_equal(db_rows(result), 1);
    assert_true(db_bool(result, 0, 0));
    assert_true(db_execute(db, ANY, NULL, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_true(db_execute(db, ANY, NULL, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, PREPARE RUN RUN RUN PREPARE RUN);
}

/* Parsed without a name and run, in one round trip, each time. */
static void a_list_is_planned_for_each_call(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    for (int call = 0; call < 2; call++) {
        _cleanup_(db_params_free) struct db_params params = {0};
        for (int i = 0; i < 6; i++) {
            db_param_text(&params, NULL);
        }
        assert_true(db_execute(db, SQL_FILES_LIST, &params, &err));
    }
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    static const char plan[] = "plan SELECT 0, f.id,";
    assert_memory_equal(requests, plan, sizeof plan - 1);
    assert_non_null(strstr(requests, "\nrun \nplan SELECT 0, f.id,"));
    assert_null(strstr(requests, "prepare"));
}

static void conflicts_are_tried_again_three_times(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK,
                                          FAKE_ERROR("40001"),
                                          FAKE_ERROR("40P01"),
                                          FAKE_ERROR("40001"),
                                          FAKE_ROW,
                                          FAKE_ERROR("40001"),
                                          FAKE_ERROR("40001"),
                                          FAKE_ERROR("40001"),
                                          FAKE_ERROR("40P01"),
                                          NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_execute(db, ANY, NULL, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_CONFLICT);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, PREPARE RUN RUN RUN RUN RUN RUN RUN RUN);
}

static void other_errors_are_told_at_once(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("23505"), FAKE_ERROR("53100"), FAKE_ERROR("57014"), NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    assert_string_equal(err.message, "MIGRATIONS_EXIST: 23505 made up");
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_false(db_execute(db, ANY, NULL, NULL));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, PREPARE RUN RUN RUN);
}

static void a_statement_that_the_server_forgot_is_prepared_anew_once(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK,
                                          FAKE_ERROR("26000"),
                                          FAKE_ERROR("26000"),
                                          FAKE_OK,
                                          FAKE_ROW,
                                          FAKE_ERROR("26000"),
                                          FAKE_OK,
                                          FAKE_OK,
                                          FAKE_ERROR("26000"),
                                          NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_execute(db, ANY, NULL, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, PREPARE RUN DEALLOCATE PREPARE RUN RUN DEALLOCATE PREPARE RUN);
}

static void what_an_administrator_ended_is_sent_again(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_FATAL("57P01"), FAKE_OK, FAKE_ROW, FAKE_FATAL("57P02"), NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_execute(db, ANY, NULL, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, PREPARE RUN PREPARE RUN RUN);
}

static void a_server_that_never_answers_is_given_up(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_SILENCE, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1);
    struct error err = {0};
    int64_t started_ms = clock_monotonic_ms();
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_in_range(clock_monotonic_ms() - started_ms, 4900, 20000);
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_string_equal(err.message, "MIGRATIONS_EXIST: no answer in time");
    free(fake_postgres_stop(&server, db));
}

static void count_up(void *context) {
    ++*(int *)context;
}

static void an_announcement_waits_for_the_commit(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ERROR("40001"), NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    int calls = 0;
    db_announce(db); /* nobody is interested */
    db_on_announcement(db, count_up, &calls);
    db_announce(db);
    assert_int_equal(calls, 1);
    assert_true(db_begin(db, &err));
    db_announce(db);
    assert_int_equal(calls, 1);
    assert_true(db_commit(db, &err));
    assert_int_equal(calls, 2);
    assert_true(db_begin(db, &err));
    db_announce(db);
    db_rollback(db);
    assert_true(db_begin(db, &err));
    db_announce(db);
    assert_false(db_commit(db, &err));
    assert_int_equal(calls, 2);
    free(fake_postgres_stop(&server, db));
}

static void transactions(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_begin(db, &err));
    assert_true(db_execute(db, ANY, NULL, &err));
    assert_true(db_commit(db, &err));
    assert_false(db_commit(db, &err));
    db_rollback(db);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\n" PREPARE RUN "COMMIT\n");
}

static void a_failure_rolls_the_transaction_back(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ERROR("40001"), FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_CONFLICT);
    assert_false(db_commit(db, &err));
    db_rollback(db);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\n" PREPARE RUN "ROLLBACK\n");
}

static void nothing_runs_outside_of_a_transaction_that_was_lost(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_CLOSE, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_false(db_commit(db, &err));
    assert_true(db_begin(db, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\n" PREPARE RUN "BEGIN\n");
}

static void a_forgotten_statement_makes_the_transaction_one_to_try_again(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ERROR("26000"), FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_execute(db, ANY, NULL, &err));
    assert_int_equal(err.code, ERROR_DATABASE_CONFLICT);
    assert_true(db_begin(db, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\n" PREPARE RUN "ROLLBACK\n" DEALLOCATE "BEGIN\n");
}

static void a_commit_without_an_answer_is_no_success(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_CLOSE, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_begin(db, &err));
    assert_false(db_commit(db, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "BEGIN\nCOMMIT\n");
}

static void scripts_run_as_they_are(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("42601"), NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_true(db_script(db, "CREATE TABLE a (); CREATE TABLE b ()", &err));
    assert_false(db_script(db, "nonsense", &err));
    assert_string_equal(err.message, "script: 42601 made up");
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "CREATE TABLE a (); CREATE TABLE b ()\nnonsense\n");
}

static void a_wrong_number_of_parameters_is_not_sent(void **state) {
    (void)state;
    _cleanup_(db_freep) struct db *db = db_new("postgresql://u@127.0.0.1:1/db", "test", 1000);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, "value");
    struct error err = {0};
    assert_false(db_execute(db, ANY, &params, &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    assert_null(strstr(err.message, "value"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_prepared_once_a_connection),
        cmocka_unit_test(a_list_is_planned_for_each_call),
        cmocka_unit_test(conflicts_are_tried_again_three_times),
        cmocka_unit_test(other_errors_are_told_at_once),
        cmocka_unit_test(a_statement_that_the_server_forgot_is_prepared_anew_once),
        cmocka_unit_test(what_an_administrator_ended_is_sent_again),
        cmocka_unit_test(a_server_that_never_answers_is_given_up),
        cmocka_unit_test(an_announcement_waits_for_the_commit),
        cmocka_unit_test(transactions),
        cmocka_unit_test(a_failure_rolls_the_transaction_back),
        cmocka_unit_test(nothing_runs_outside_of_a_transaction_that_was_lost),
        cmocka_unit_test(a_forgotten_statement_makes_the_transaction_one_to_try_again),
        cmocka_unit_test(a_commit_without_an_answer_is_no_success),
        cmocka_unit_test(scripts_run_as_they_are),
        cmocka_unit_test(a_wrong_number_of_parameters_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
