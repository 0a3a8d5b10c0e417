#include "processor/auditor.h"

#include "../common/fake_both.h"
#include "settings.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BUCKET FAKE_REPLY("200 OK", "0", "")
#define ORPHAN                                                                                                         \
    FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>files/a</Key>"                \
                       "<LastModified>2020-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>")
#define NONE FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
#define DELETED FAKE_XML("200 OK", "<DeleteResult></DeleteResult>")

static struct config daily(void) {
    struct config config = nothing_works();
    config.audit_interval_s = 86400;
    config.orphan_age_s = 60;
    return config;
}

/* Runs it at these two times; gives how often the store was asked to delete. */
static size_t run_twice(const struct config *config, int64_t first_ms, int64_t second_ms, const char *expected) {
    static const char *const replies[] = {BUCKET, ORPHAN, NONE, NONE, NONE, NONE, NONE, DELETED, NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_ROW, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK,
                                          FAKE_OK, FAKE_OK,  FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    fake_both_start(&both, replies, answers);
    struct auditor *auditor = auditor_new(config, both.db, NULL, both.store.client);
    assert_true(auditor_run(auditor, first_ms, &err));
    assert_true(auditor_run(auditor, second_ms, &err));
    auditor_free(auditor);
    _cleanup_(freep) char *requests = fake_both_stop(&both);
    assert_string_equal(requests, expected);
    size_t deletions = fake_s3_count(&both.store, "POST /uploads?delete");
    fake_server_free(&both.store.server);
    return deletions;
}

#define AUDITED "prepare SWEEP_LOCK\nrun SWEEP_LOCK\nprepare FILES_OF_OBJECTS\nrun FILES_OF_OBJECTS\n"
#define UNLOCKED "prepare SWEEP_UNLOCK\nrun SWEEP_UNLOCK\n"

static void orphans_are_counted_and_left_alone(void **state) {
    (void)state;
    const struct config config = daily();
    assert_int_equal(run_twice(&config, 0, 86399 * 1000LL, AUDITED UNLOCKED), 0);
    _cleanup_(buf_free) struct buf text = {0};
    metrics_print(&text);
    assert_non_null(strstr(buf_text(&text), "sluice_orphans 1\n"));
}

static void a_setting_has_them_deleted(void **state) {
    (void)state;
    struct config config = daily();
    config.orphan_delete = true;
    assert_int_equal(run_twice(&config, 0, 1,
                               AUDITED "run FILES_OF_OBJECTS\nprepare VARIANTS_OF_OBJECTS\nrun VARIANTS_OF_OBJECTS\n"
                                       "prepare ASSETS_OF_OBJECTS\nrun ASSETS_OF_OBJECTS\n" UNLOCKED),
                     1);
}

static void a_setting_turns_it_off(void **state) {
    (void)state;
    struct config config = daily();
    config.audit_interval_s = 0;
    assert_int_equal(run_twice(&config, 0, 1000000, ""), 0);
}

static void while_another_sweeps_it_waits(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    const struct config config = daily();
    struct fake_server server;
    struct error err = {0};
    struct db *db = fake_postgres_start(&server, answers, 0);
    _cleanup_(auditor_freep) struct auditor *auditor = auditor_new(&config, db, NULL, NULL);
    assert_true(auditor_run(auditor, 0, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare SWEEP_LOCK\nrun SWEEP_LOCK\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orphans_are_counted_and_left_alone),
        cmocka_unit_test(a_setting_has_them_deleted),
        cmocka_unit_test(a_setting_turns_it_off),
        cmocka_unit_test(while_another_sweeps_it_waits),
    };
    signal(SIGPIPE, SIG_IGN);
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
