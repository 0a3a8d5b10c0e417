#include "processor/ingest_second_look.h"

#include "../common/fake_both.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct file_arrival arrivals[] = {
    {.bucket = "uploads", .object_key = "files/a", .etag = "e"},
    {.bucket = "uploads", .object_key = "t", .etag = "e"}, /* the key that the fake database knows */
};
static const size_t indexes[] = {0, 1};

static bool look_at_unknown(const char *reply, const char **ret_reasons, struct error *err) {
    const char *const replies[] = {reply, NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_ROW, NULL};
    struct fake_both both;
    fake_both_start(&both, replies, answers);
    const struct ingest_second_look look = {both.db, both.store.client, "uploads"};
    bool is_good = ingest_look_at_unknown(&look, arrivals, indexes, 2, ret_reasons, err);
    free(fake_both_stop(&both));
    assert_int_equal(fake_s3_count(&both.store, "HEAD /uploads/t "), 1);
    assert_int_equal(fake_s3_count(&both.store, "HEAD /uploads/files/a "), 0);
    fake_server_free(&both.store.server);
    return is_good;
}

static void a_report_of_a_deleted_file_is_late(void **state) {
    (void)state;
    struct error err = {0};
    const char *reasons[2] = {NULL, "not written"};
    assert_true(look_at_unknown(FAKE_REPLY("404 Not Found", "0", ""), reasons, &err));
    assert_string_equal(reasons[0], "no record has this key");
    assert_null(reasons[1]);
}

static void an_upload_after_the_deletion_is_dead(void **state) {
    (void)state;
    struct error err = {0};
    const char *reasons[2] = {NULL, NULL};
    assert_true(look_at_unknown(FAKE_REPLY("200 OK", "0", ""), reasons, &err));
    assert_non_null(strstr(reasons[1], "deleted"));
    assert_true(look_at_unknown(FAKE_REPLY("403 Forbidden", "0", ""), reasons, &err));
    assert_non_null(reasons[1]);
}

static void an_outage_decides_nothing(void **state) {
    (void)state;
    struct error err = {0};
    const char *reasons[2] = {NULL, NULL};
    assert_false(look_at_unknown(FAKE_CLOSE, reasons, &err));
    assert_int_equal(err.code, ERROR_STORE_UNAVAILABLE);
}

static void known_ones_without_a_difference_cost_one_statement(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct error err = {0};
    struct db *db = fake_postgres_start(&server, answers, 0);
    const struct ingest_second_look look = {db, NULL, "uploads"};
    assert_true(ingest_look_at_known(&look, arrivals, indexes, 2, &err));
    assert_true(ingest_look_at_known(&look, arrivals, indexes, 0, &err));
    assert_true(ingest_look_at_unknown(&look, arrivals, indexes, 0, NULL, &err));
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare FILES_DIFFERING\nrun FILES_DIFFERING\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_a_deleted_file_is_late),
        cmocka_unit_test(an_upload_after_the_deletion_is_dead),
        cmocka_unit_test(an_outage_decides_nothing),
        cmocka_unit_test(known_ones_without_a_difference_cost_one_statement),
    };
    signal(SIGPIPE, SIG_IGN);
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
