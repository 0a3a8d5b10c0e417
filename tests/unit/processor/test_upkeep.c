#include "processor/upkeep.h"

#include "../common/fake_postgres.h"
#include "../common/fake_redis.h"
#include "settings.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    struct fake_server postgres, redis;
    struct config config;
    struct upkeep *upkeep;
};

static void start(struct fixture *fixture, const char *const *sql_answers, const char *const *redis_replies) {
    struct error err = {0};
    fake_server_start(&fixture->postgres, sql_answers, fake_postgres_serve);
    fake_server_start(&fixture->redis, redis_replies, fake_redis_serve);
    fixture->config = nothing_works();
    fixture->config.database_url =
        xasprintf("postgresql://u@127.0.0.1:%d/db?sslmode=disable&gssencmode=disable", fixture->postgres.port);
    fixture->config.redis_url = xasprintf("redis://127.0.0.1:%d", fixture->redis.port);
    assert_true(upkeep_new(&fixture->config, &fixture->upkeep, &err));
}

/* What the servers got stays in their buffers. */
static void stop(struct fixture *fixture) {
    upkeep_free(fixture->upkeep);
    fake_server_stop(&fixture->postgres);
    fake_server_stop(&fixture->redis);
    free(fixture->config.database_url);
    free(fixture->config.redis_url);
}

static void fixture_free(struct fixture *fixture) {
    fake_server_free(&fixture->postgres);
    fake_server_free(&fixture->redis);
}

static void leases_and_signs_of_life_are_kept_together(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture;
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_OK, NULL},
          (const char *const[]){":1\r\n", ":1\r\n", ":0\r\n", NULL});
    upkeep_beat(fixture.upkeep, (const char *const[]){"w1", "w2"}, 2);
    stop(&fixture);
    assert_string_equal(fixture.postgres.requests.data, "prepare QUEUE_EXTEND\nrun QUEUE_EXTEND\n");
    assert_non_null(strstr(fixture.redis.requests.data, " w1\n"));
    assert_non_null(strstr(fixture.redis.requests.data, " w2\n"));
}

/* FAKE_ROW is no number: 0 jobs. */
static void the_dead_are_buried_once(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture;
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_ROW, FAKE_ROW, FAKE_ROW, NULL},
          (const char *const[]){":3\r\n", NULL});
    upkeep_bury(fixture.upkeep, "w1");
    upkeep_release(fixture.upkeep); /* w1's, then leases that are over */
    upkeep_release(fixture.upkeep); /* leases that are over */
    stop(&fixture);
    assert_string_equal(fixture.postgres.requests.data,
                        "prepare FILE_RELEASE\nrun FILE_RELEASE\nrun FILE_RELEASE\nrun FILE_RELEASE\n");
    assert_non_null(strstr(fixture.redis.requests.data, "text:worker:w1 w1\n"));
}

/* Redis is down at first: the events of the dead worker are given back when it is up again. */
static void what_could_not_be_done_is_done_later(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture;
    start(&fixture, (const char *const[]){FAKE_OK, FAKE_ROW, FAKE_ROW, FAKE_ROW, NULL},
          (const char *const[]){"-LOADING\r\n", ":0\r\n", NULL});
    upkeep_bury(fixture.upkeep, "w1");
    upkeep_release(fixture.upkeep);
    upkeep_release(fixture.upkeep);
    stop(&fixture);
    const char *first = strstr(fixture.redis.requests.data, "text:worker:w1 w1\n");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "text:worker:w1 w1\n"));
    assert_string_equal(fixture.postgres.requests.data,
                        "prepare FILE_RELEASE\nrun FILE_RELEASE\nrun FILE_RELEASE\nrun FILE_RELEASE\n");
}

static void nothing_fails_when_everything_is_down(void **state) {
    (void)state;
    struct config config = nothing_works();
    struct error err = {0};
    _cleanup_(upkeep_freep) struct upkeep *upkeep = NULL;
    assert_true(upkeep_new(&config, &upkeep, &err));
    for (int i = 0; i < 100; i++) { /* more than it remembers */
        upkeep_bury(upkeep, "w");
    }
    upkeep_release(upkeep);
    upkeep_beat(upkeep, (const char *const[]){"w"}, 1);
}

static int start_metrics(void **state) {
    (void)state;
    metrics_start();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leases_and_signs_of_life_are_kept_together),
        cmocka_unit_test(the_dead_are_buried_once),
        cmocka_unit_test(what_could_not_be_done_is_done_later),
        cmocka_unit_test(nothing_fails_when_everything_is_down),
    };
    return cmocka_run_group_tests(tests, start_metrics, NULL);
}
