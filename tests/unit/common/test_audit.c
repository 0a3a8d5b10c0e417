#include "common/audit.h"

#include "fake_both.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OLD "2020-01-01T00:00:00.000Z"
#define FUTURE "2999-01-01T00:00:00.000Z"
#define ENTRY(key, time) "<Contents><Key>" key "</Key><LastModified>" time "</LastModified><Size>7</Size></Contents>"
#define LIST(entries)                                                                                                  \
    FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated>" entries "</ListBucketResult>")
#define NONE LIST("")
#define OTHERS NONE, NONE, NONE, NONE, NONE /* albums/, users/, generated/, assets/, thumbnails/ */
#define DELETED FAKE_XML("200 OK", "<DeleteResult></DeleteResult>")

/* Records that there are, and what becomes of them, are seen on the real services (tests/faults/test_housekeeping.py): to
 * this database no object has a record. */
static struct audit *audit_of(const struct fake_both *both, size_t orphans_max) {
    const struct audit_options options = {.db = both->db,
                                          .store = both->store.client,
                                          .bucket = "uploads",
                                          .age_s = 60,
                                          .orphan_age_s = 60,
                                          .orphans_max = orphans_max};
    return audit_new(&options);
}

static void old_objects_without_a_record_are_orphans(void **state) {
    (void)state;
    static const char *const replies[] = {LIST(ENTRY("files/a", OLD) ENTRY("files/b", FUTURE) ENTRY("files/c", OLD)),
                                          OTHERS, DELETED, NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    bool is_done = false;
    size_t count = 0;
    fake_both_start(&both, replies, answers);
    _cleanup_(audit_freep) struct audit *audit = audit_of(&both, 0);
    assert_true(audit_step(audit, 0, &is_done, &err));
    assert_true(is_done);
    assert_int_equal(audit_tally(audit)->objects, 2);
    assert_int_equal(audit_tally(audit)->orphans, 2);
    assert_string_equal(audit_orphans(audit, &count)[1], "files/c");
    assert_int_equal(count, 2);
    assert_true(audit_remove_orphans(audit, &count, &err));
    assert_int_equal(count, 2);
    _cleanup_(freep) char *requests = fake_both_stop(&both);
    assert_string_equal(requests, "prepare FILES_OF_OBJECTS\nrun FILES_OF_OBJECTS\nrun FILES_OF_OBJECTS\n"
                                  "prepare VARIANTS_OF_OBJECTS\nrun VARIANTS_OF_OBJECTS\n"
                                  "prepare ASSETS_OF_OBJECTS\nrun ASSETS_OF_OBJECTS\n");
    assert_int_equal(fake_s3_count(&both.store, "<Key>files/c</Key>"), 1);
    fake_server_free(&both.store.server);
}

static void it_goes_on_where_it_was(void **state) {
    (void)state;
    static const char *const replies[] = {LIST(ENTRY("files/a", FUTURE) ENTRY("files/b", FUTURE)),
                                          LIST(ENTRY("files/b", OLD)),
                                          NONE,
                                          OTHERS,
                                          LIST(ENTRY("files/a", OLD)),
                                          NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    bool is_done = true;
    size_t count = 0;
    fake_both_start(&both, replies, answers);
    _cleanup_(audit_freep) struct audit *audit = audit_of(&both, 0);
    assert_true(audit_step(audit, 1, &is_done, &err) && !is_done); /* young, and passed over all the same */
    assert_true(audit_step(audit, 1, &is_done, &err) && !is_done);
    assert_true(audit_step(audit, 1, &is_done, &err) && is_done);
    assert_int_equal(audit_tally(audit)->orphans, 1);
    assert_true(audit_step(audit, 1, &is_done, &err) && !is_done); /* from the start */
    assert_string_equal(audit_orphans(audit, &count)[0], "files/a");
    assert_int_equal(count, 1);
    free(fake_both_stop(&both));
    assert_int_equal(fake_s3_count(&both.store, "start-after=files%2Fa"), 1);
    assert_int_equal(fake_s3_count(&both.store, "start-after=files%2Fb"), 1);
    fake_server_free(&both.store.server);
}

static void more_orphans_than_are_kept_are_counted(void **state) {
    (void)state;
    static const char *const replies[] = {LIST(ENTRY("files/a", OLD) ENTRY("files/b", OLD)), OTHERS, NULL};
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    bool is_done = false;
    size_t count = 0;
    fake_both_start(&both, replies, answers);
    _cleanup_(audit_freep) struct audit *audit = audit_of(&both, 1);
    assert_true(audit_step(audit, 0, &is_done, &err));
    audit_orphans(audit, &count);
    assert_int_equal(count, 1);
    assert_int_equal(audit_tally(audit)->orphans, 2);
    free(fake_both_stop(&both));
    fake_server_free(&both.store.server);
}

/* An outage is no reason to take anything for an orphan, and nothing is counted twice after it. */
static void after_an_outage_it_begins_the_step_again(void **state) {
    (void)state;
    static const char *const replies[] = {LIST(ENTRY("files/a", OLD)), LIST(ENTRY("files/a", OLD)), OTHERS, NULL};
    static const char *const answers[] = {FAKE_OK, "error 57014", FAKE_OK, FAKE_OK, NULL};
    struct fake_both both;
    struct error err = {0};
    bool is_done = false;
    fake_both_start(&both, replies, answers);
    _cleanup_(audit_freep) struct audit *audit = audit_of(&both, 0);
    assert_false(audit_step(audit, 0, &is_done, &err));
    assert_int_equal(audit_tally(audit)->orphans, 0);
    assert_true(audit_step(audit, 0, &is_done, &err));
    assert_int_equal(audit_tally(audit)->orphans, 1);
    assert_int_equal(audit_tally(audit)->objects, 1);
    free(fake_both_stop(&both));
    fake_server_free(&both.store.server);
}

static void many_orphans_are_suspicious(void **state) {
    (void)state;
    static const struct {
        size_t orphans, objects;
        bool expected;
    } cases[] = {{0, 0, false},    {49, 49, false} /* too few to tell */,
                 {50, 50, true},   {51, 101, true},
                 {50, 100, false}, {1000, 1000000, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct audit_tally tally = {.objects = cases[i].objects, .orphans = cases[i].orphans};
        assert_int_equal(audit_is_suspicious(&tally), cases[i].expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_objects_without_a_record_are_orphans),
        cmocka_unit_test(it_goes_on_where_it_was),
        cmocka_unit_test(more_orphans_than_are_kept_are_counted),
        cmocka_unit_test(after_an_outage_it_begins_the_step_again),
        cmocka_unit_test(many_orphans_are_suspicious),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
