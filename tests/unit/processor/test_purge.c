#include "processor/purge.h"

#include "../common/fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct config config = {.outbox_ttl_s = 100, .dead_event_ttl_s = 200};

static void every_table_is_purged_until_little_is_left(void **state) {
    (void)state;
    struct fake_server server;
    struct error err = {0};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK,
                                          FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK,  FAKE_OK, FAKE_OK,
                                          FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK,  NULL};
    struct db *db = fake_postgres_start(&server, answers, 0);
    assert_true(purge_run(&config, db, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare PURGE_QUEUE\nrun PURGE_QUEUE\nprepare PURGE_OUTBOX\nrun PURGE_OUTBOX\n"
                                  "prepare PURGE_WEBHOOK_DELIVERIES\nrun PURGE_WEBHOOK_DELIVERIES\n"
                                  "prepare PURGE_IDEMPOTENCY_KEYS\nrun PURGE_IDEMPOTENCY_KEYS\n"
                                  "prepare PURGE_MULTIPART_UPLOADS\nrun PURGE_MULTIPART_UPLOADS\n"
                                  "prepare USAGE_FOLD_ALL\nrun USAGE_FOLD_ALL\n"
                                  "prepare PURGE_UPLOAD_TOKENS\nrun PURGE_UPLOAD_TOKENS\n"
                                  "prepare PURGE_DEAD_EVENTS\nrun PURGE_DEAD_EVENTS\n");
}

static void a_failure_is_told(void **state) {
    (void)state;
    struct fake_server server;
    struct error err = {0};
    static const char *const answers[] = {FAKE_OK, FAKE_ERROR("42501"), NULL};
    struct db *db = fake_postgres_start(&server, answers, 0);
    assert_false(purge_run(&config, db, &err));
    assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    free(fake_postgres_stop(&server, db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_purged_until_little_is_left),
        cmocka_unit_test(a_failure_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
