#include "processor/ingest_list.h"

#include "../common/fake_redis.h"
#include "processor/ingest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NIL "$-1\r\n"
#define OWN "events:worker:w"

/* The sign of life that every connection begins with: EVALSHA is known. */
#define ALIVE ":1\r\n"

struct fixture {
    struct fake_server server;
    struct redis *redis;
    struct step_tools tools;
    struct ingest_list *list;
    struct ingest *ingest;
};

static void start(struct fixture *fixture, const char *const *replies) {
    *fixture = (struct fixture){0};
    fixture->redis = fake_redis_start(&fixture->server, replies);
    fixture->list = ingest_list_new("events", "w", fixture->redis);
    const struct ingest_source source = ingest_list_source(fixture->list);
    fixture->ingest = ingest_new(&source, "uploads", NULL, &fixture->tools);
}

/* The commands, without the scripts' first words. */
static char *stop(struct fixture *fixture) {
    ingest_free(fixture->ingest);
    ingest_list_free(fixture->list);
    return fake_redis_stop(&fixture->server, fixture->redis);
}

/* Lines of the own list and the event list, without the sign of life. */
static void assert_commands(const char *commands, const char *expected) {
    _cleanup_(buf_free) struct buf rest = {0};
    for (const char *line = commands; *line != '\0';) {
        size_t length = strcspn(line, "\n") + 1;
        if (strncmp(line, "EVALSHA", 7) != 0) {
            buf_append(&rest, line, length);
        }
        line += length;
    }
    assert_string_equal(buf_text(&rest), expected);
}

/* At first the own list is looked at: a predecessor of the connection may have left something. */
static void the_own_list_comes_first(void **state) {
    (void)state;
    struct fixture fixture;
    struct ingest_tally tally;
    struct error err = {0};
    start(&fixture, (const char *const[]){ALIVE, "*1\r\n$0\r\n\r\n", "+OK\r\n", NULL});
    assert_true(ingest_run(fixture.ingest, NULL, NULL, &tally, &err)); /* a wake-up: it needs no database */
    assert_int_equal(tally.taken, 1);
    assert_int_equal(tally.counted, 0);
    _cleanup_(freep) char *commands = stop(&fixture);
    assert_commands(commands, "LRANGE " OWN " 0 31\nLTRIM " OWN " 1 -1\n");
}

static void what_comes_while_waiting_is_taken_from_the_own_list(void **state) {
    (void)state;
    struct fixture fixture;
    struct ingest_tally tally;
    struct error err = {0};
    bool has_come = false;
    start(&fixture,
          (const char *const[]){ALIVE, "*0\r\n", ":0\r\n", NIL, "$0\r\n\r\n", "*1\r\n$0\r\n\r\n", "+OK\r\n", NULL});
    assert_true(ingest_run(fixture.ingest, NULL, NULL, &tally, &err));
    assert_int_equal(tally.taken, 0);
    assert_true(ingest_list_wait(fixture.list, 10, &has_come, &err));
    assert_false(has_come);
    assert_true(ingest_list_wait(fixture.list, 10, &has_come, &err));
    assert_true(has_come);
    assert_true(ingest_run(fixture.ingest, NULL, NULL, &tally, &err));
    assert_int_equal(tally.taken, 1);
    _cleanup_(freep) char *commands = stop(&fixture);
    assert_commands(commands, "LRANGE " OWN " 0 31\n"
                              "BLMOVE events " OWN " LEFT RIGHT 0.010\nBLMOVE events " OWN " LEFT RIGHT 0.010\n"
                              "LRANGE " OWN " 0 31\nLTRIM " OWN " 1 -1\n");
}

/* The drop failed with the connection: on the next one the element is found and done again, before any other. */
static void a_lost_connection_leads_back_to_the_own_list(void **state) {
    (void)state;
    struct fixture fixture;
    struct ingest_tally tally;
    struct error err = {0};
    start(&fixture,
          (const char *const[]){ALIVE, "*1\r\n$0\r\n\r\n", FAKE_CLOSE, ALIVE, "*1\r\n$0\r\n\r\n", "+OK\r\n", NULL});
    assert_false(ingest_run(fixture.ingest, NULL, NULL, &tally, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    while (!ingest_run(fixture.ingest, NULL, NULL, &tally, &err)) { /* the connection's own pause between tries */
        usleep(10000);
    }
    assert_int_equal(tally.taken, 1);
    _cleanup_(freep) char *commands = stop(&fixture);
    assert_commands(commands, "LRANGE " OWN " 0 31\nLTRIM " OWN " 1 -1\nLRANGE " OWN " 0 31\nLTRIM " OWN " 1 -1\n");
}

static void another_worker_is_woken(void **state) {
    (void)state;
    struct fixture fixture;
    struct error err = {0};
    start(&fixture, (const char *const[]){":1\r\n", NULL});
    assert_true(ingest_list_wake_other(fixture.list, &err));
    _cleanup_(freep) char *commands = stop(&fixture);
    assert_non_null(strstr(commands, "events"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_own_list_comes_first),
        cmocka_unit_test(what_comes_while_waiting_is_taken_from_the_own_list),
        cmocka_unit_test(a_lost_connection_leads_back_to_the_own_list),
        cmocka_unit_test(another_worker_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
