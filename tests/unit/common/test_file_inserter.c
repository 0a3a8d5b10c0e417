#include "fake_postgres.h"

#include "common/clock.h"
#include "common/file_store.h"
#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PREPARE "prepare FILE_INSERT\n"
#define RUN "run FILE_INSERT\n"
#define PREPARE_MISSING "prepare FILE_INSERT_MISSING\n"
#define RUN_MISSING "run FILE_INSERT_MISSING\n"

enum { THREADS = 10, MANY_THREADS = 30, HEAD_START_MS = 100 };

static const struct file_draft draft = {
    .file_id = "0190a000-0000-7000-8000-000000000001",
    .kind = "file",
    .owner_id = "o",
    .filename = "a",
    .bucket = "b",
    .object_key = "k",
    .upload_method = "PUT",
};

/* One connection, to a server that gives these answers. */
struct fixture {
    struct fake_server server;
    struct db_pool *pool;
    struct file_inserter *inserter;
    atomic_int started, inserted;
};

static void start(struct fixture *fixture, const char *const *answers) {
    *fixture = (struct fixture){0};
    fake_server_start(&fixture->server, answers, fake_postgres_serve);
    _cleanup_(freep) char *url =
        xasprintf("postgresql://u@127.0.0.1:%d/db?sslmode=disable&gssencmode=disable", fixture->server.port);
    fixture->pool = db_pool_new(url, "test", 1, 1000);
    fixture->inserter = file_inserter_new(fixture->pool);
}

/* Ends the server and gives the round trips that it saw; the caller frees them. */
static char *stop(struct fixture *fixture) {
    file_inserter_free(fixture->inserter);
    db_pool_free(fixture->pool);
    fake_server_stop(&fixture->server);
    return buf_take(&fixture->server.requests);
}

static void *insert_one(void *context) {
    struct fixture *fixture = context;
    struct error err = {0};
    fixture->started++;
    fixture->inserted += file_inserter_insert(fixture->inserter, &draft, &err);
    return NULL;
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *found = text; (found = strstr(found, part)) != NULL; found++) {
        count++;
    }
    return count;
}

static void a_lone_insert_is_one_statement(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fixture fixture;
    start(&fixture, answers);
    insert_one(&fixture);
    assert_int_equal(fixture.inserted, 1);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_string_equal(requests, PREPARE RUN);
}

/* Inserts from so many threads while the only connection is lent out; gives the number of statements that they took. */
static size_t insert_at_once(size_t thread_count) {
    static const char *answers[MANY_THREADS + 2];
    for (size_t i = 0; i <= MANY_THREADS; i++) {
        answers[i] = FAKE_OK;
    }
    struct fixture fixture;
    start(&fixture, answers);
    struct error err = {0};
    struct db *lent = NULL;
    assert_true(db_pool_take(fixture.pool, 0, &lent, &err));
    pthread_t threads[MANY_THREADS];
    for (size_t i = 0; i < thread_count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, insert_one, &fixture), 0);
    }
    while (fixture.started < (int)thread_count) {
        clock_sleep_ms(1);
    }
    clock_sleep_ms(HEAD_START_MS); /* one that comes later only makes a group smaller */
    db_pool_give(fixture.pool, lent);
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(fixture.inserted, thread_count);
    _cleanup_(freep) char *requests = stop(&fixture);
    return count_of(requests, RUN);
}

/* They gather and then go in fewer statements than there are of them. */
static void inserts_that_wait_share_a_statement(void **state) {
    (void)state;
    assert_in_range(insert_at_once(THREADS), 1, THREADS - 1);
}

/* The first draft alone, the next dozen as soon as they are a dozen, then the rest. */
static void a_dozen_waits_for_no_other_group(void **state) {
    (void)state;
    assert_in_range(insert_at_once(MANY_THREADS), 3, MANY_THREADS - 1);
}

static void a_refusal_is_told(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("23514"), FAKE_OK, FAKE_ERROR("23514"), NULL};
    struct fixture fixture;
    start(&fixture, answers);
    struct error err = {0};
    assert_false(file_inserter_insert(fixture.inserter, &draft, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_string_equal(requests, PREPARE RUN PREPARE_MISSING RUN_MISSING);
}

/* The first statement was done, and its answer lost: the second one finds the row. */
static void a_draft_that_is_there_is_inserted(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("23505"), FAKE_OK, FAKE_OK, NULL};
    struct fixture fixture;
    start(&fixture, answers);
    insert_one(&fixture);
    assert_int_equal(fixture.inserted, 1);
    _cleanup_(freep) char *requests = stop(&fixture);
    assert_string_equal(requests, PREPARE RUN PREPARE_MISSING RUN_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_insert_is_one_statement),    cmocka_unit_test(inserts_that_wait_share_a_statement),
        cmocka_unit_test(a_dozen_waits_for_no_other_group),  cmocka_unit_test(a_refusal_is_told),
        cmocka_unit_test(a_draft_that_is_there_is_inserted),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
