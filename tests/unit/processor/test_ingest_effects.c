#include "processor/ingest_effects.h"

#include "../common/fake_postgres.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define EVENT(name, key)                                                                                               \
    "{\"Records\":[{\"eventName\":\"" name "\",\"s3\":{\"bucket\":{\"name\":\"uploads\"},\"object\":{\"key\":\"" key   \
    "\",\"size\":5}}}]}"

/* Applies these texts to a database that gives these answers; the caller frees the requests. */
static bool apply(const char *const *texts, const char *const *answers, char **ret_requests, struct error *err) {
    struct fake_server server;
    struct buf items[4];
    struct redis_elements elements = {.items = items};
    for (; *texts != NULL; texts++) {
        items[elements.count++] = (struct buf){.data = (char *)(uintptr_t)*texts, .length = strlen(*texts)};
    }
    struct db *db = fake_postgres_start(&server, answers, 0);
    struct step_tools tools = {0};
    struct ingest_effects effects = {.db = db, .tools = &tools, .bucket = "uploads"};
    size_t counted = 0;
    bool is_applied = ingest_effects_apply(&effects, &elements, &counted, err);
    *ret_requests = fake_postgres_stop(&server, db);
    return is_applied;
}

static void wake_ups_and_uninteresting_events_cost_no_statement(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_true(apply((const char *const[]){"", EVENT("ObjectCreated:PutTagging", "files/1"), NULL},
                      (const char *const[]){NULL}, &requests, &err));
    assert_string_equal(requests, "");
}

static void what_is_not_understood_is_kept_in_one_statement(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_true(apply((const char *const[]){"nonsense", "{}", NULL}, (const char *const[]){FAKE_OK, FAKE_OK, NULL},
                      &requests, &err));
    assert_string_equal(requests, "prepare DEAD_EVENTS_ADD\nrun DEAD_EVENTS_ADD\n");
}

static void a_removal_without_a_record_is_usual(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_true(apply((const char *const[]){EVENT("ObjectRemoved:Delete", "files/1"), NULL},
                      (const char *const[]){FAKE_OK, FAKE_OK, NULL}, &requests, &err));
    assert_string_equal(requests, "prepare FILES_OF_OBJECTS\nrun FILES_OF_OBJECTS\n");
}

/* One event that the database refuses (here both, tried together and then alone) holds up no other. */
static void a_refused_event_is_buried_alone(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    static const char *const answers[] = {
        FAKE_OK,
        FAKE_ERROR("22021"), /* together */
        FAKE_ERROR("22021"),
        FAKE_OK,
        FAKE_OK, /* the first, then its burial */
        FAKE_ERROR("22021"),
        FAKE_OK,
        NULL, /* the second */
    };
    assert_true(
        apply((const char *const[]){EVENT("ObjectCreated:Put", "files/1"), EVENT("ObjectCreated:Put", "files/2"), NULL},
              answers, &requests, &err));
    assert_string_equal(requests, "prepare FILE_ARRIVE\nrun FILE_ARRIVE\nrun FILE_ARRIVE\n"
                                  "prepare DEAD_EVENTS_ADD\nrun DEAD_EVENTS_ADD\n"
                                  "run FILE_ARRIVE\nrun DEAD_EVENTS_ADD\n");
}

static void a_database_that_is_down_buries_nothing(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(freep) char *requests = NULL;
    assert_false(apply((const char *const[]){EVENT("ObjectCreated:Put", "files/1"), NULL},
                       (const char *const[]){FAKE_OK, FAKE_FATAL("57P01"), NULL}, &requests, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_null(strstr(requests, "DEAD_EVENTS_ADD"));
}

static int start(void **state) {
    (void)state;
    metrics_start();
    metrics_label(METRIC_EVENTS, ingest_result_names, INGEST_RESULT_COUNT);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wake_ups_and_uninteresting_events_cost_no_statement),
        cmocka_unit_test(what_is_not_understood_is_kept_in_one_statement),
        cmocka_unit_test(a_removal_without_a_record_is_usual),
        cmocka_unit_test(a_refused_event_is_buried_alone),
        cmocka_unit_test(a_database_that_is_down_buries_nothing),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
