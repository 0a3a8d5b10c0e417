#include "common/sweep_staging.h"

#include "fake_both.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ENTRY(key, time) "<Contents><Key>" key "</Key><LastModified>" time "</LastModified><Size>7</Size></Contents>"
#define LIST(entries)                                                                                                  \
    FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated>" entries "</ListBucketResult>")
#define UPLOAD(key, id, time)                                                                                          \
    "<Upload><Key>" key "</Key><UploadId>" id "</UploadId><Initiated>" time "</Initiated></Upload>"
#define UPLOADS(entries)                                                                                               \
    FAKE_XML("200 OK",                                                                                                 \
             "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>" entries "</ListMultipartUploadsResult>")
#define DELETED FAKE_XML("200 OK", "<DeleteResult></DeleteResult>")
#define OLD "2020-01-01T00:00:00.000Z"
#define FUTURE "2999-01-01T00:00:00.000Z"

static void note(void *context, const char *key) {
    buf_append_text(context, key);
    buf_append_char(context, '\n');
}

/* To this database no object has a record. */
static bool run(struct fake_both *both, bool dry_run, struct buf *removed, struct error *err) {
    struct sweep_staging sweep = {.db = both->db,
                                  .store = both->store.client,
                                  .bucket = "uploads",
                                  .age_s = 60,
                                  .dry_run = dry_run,
                                  .context = removed,
                                  .removed = note};
    bool has_more = true;
    bool is_good = sweep_staging_page(&sweep, &has_more, err);
    assert_true(!is_good || !has_more);
    sweep_staging_free(&sweep);
    return is_good;
}

static void what_is_old_and_needed_by_no_record_goes(void **state) {
    (void)state;
    static const char *const replies[] = {
        UPLOADS(UPLOAD("staging/u", "1", OLD) UPLOAD("staging/v", "2", FUTURE)), FAKE_REPLY("204 No Content", "0", ""),
        LIST(ENTRY("staging/a", OLD) ENTRY("staging/b", FUTURE) ENTRY("staging/c", OLD)), DELETED, NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    _cleanup_(buf_free) struct buf removed = {0};
    fake_both_start(&both, replies, answers);
    assert_true(run(&both, false, &removed, &err));
    assert_string_equal(buf_text(&removed), "staging/u\nstaging/a\nstaging/c\n");
    free(fake_both_stop(&both));
    assert_int_equal(fake_s3_count(&both.store, "DELETE /uploads/staging/u?uploadId=1 "), 1);
    assert_int_equal(fake_s3_count(&both.store, "<Key>staging/a</Key>"), 1);
    assert_int_equal(fake_s3_count(&both.store, "<Key>staging/b</Key>"), 0);
    fake_server_free(&both.store.server);
}

static void a_dry_run_removes_nothing(void **state) {
    (void)state;
    static const char *const replies[] = {UPLOADS(UPLOAD("staging/u", "1", OLD)), LIST(ENTRY("staging/a", OLD)), NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    _cleanup_(buf_free) struct buf removed = {0};
    fake_both_start(&both, replies, answers);
    assert_true(run(&both, true, &removed, &err));
    assert_string_equal(buf_text(&removed), "staging/u\nstaging/a\n");
    free(fake_both_stop(&both));
    assert_int_equal(fake_s3_count(&both.store, "DELETE "), 0);
    assert_int_equal(fake_s3_count(&both.store, "?delete"), 0);
    fake_server_free(&both.store.server);
}

/* An outage is no reason to take anything for unneeded. */
static void without_a_database_nothing_goes(void **state) {
    (void)state;
    static const char *const replies[] = {UPLOADS(""), LIST(ENTRY("staging/a", OLD)), NULL};
    static const char *const answers[] = {FAKE_OK, "error 57014", NULL};
    struct fake_both both;
    struct error err = {0};
    _cleanup_(buf_free) struct buf removed = {0};
    fake_both_start(&both, replies, answers);
    assert_false(run(&both, false, &removed, &err));
    assert_int_equal(removed.length, 0);
    free(fake_both_stop(&both));
    assert_int_equal(fake_s3_count(&both.store, "?delete"), 0);
    fake_server_free(&both.store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_old_and_needed_by_no_record_goes),
        cmocka_unit_test(a_dry_run_removes_nothing),
        cmocka_unit_test(without_a_database_nothing_goes),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
