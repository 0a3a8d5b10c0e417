#include "processor/steps.h"

#include "fake_store.h"

#include "common/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct fake_server server;
    struct step_tools tools;
    struct file_job job;
    struct work work;
    struct error err;
};

static enum step_result fetch(struct fixture *fixture, const char *const *answers) {
    struct s3_client *store = fake_store_start(&fixture->server, answers);
    fixture->tools.store = store;
    fixture->work = (struct work){.job = &fixture->job, .tools = &fixture->tools, .size = -1};
    enum step_result result = step_fetch(&fixture->work, &fixture->err);
    _cleanup_(freep) char *requests = fake_store_stop(&fixture->server, store);
    assert_non_null(strstr(requests, "GET /uploads/files/x\n"));
    return result;
}

static int set_up(void **state) {
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->tools = (struct step_tools){.max_upload_bytes = 100, .cache_max_bytes = 10};
    fixture->job = (struct file_job){.size = -1, .expected_size = -1, .kind = (char *)(uintptr_t) "file"};
    fixture->job.object_key = xstrdup("files/x");
    fixture->job.bucket = xstrdup("uploads");
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    buf_free(&fixture->tools.content);
    free(fixture->job.object_key);
    free(fixture->job.bucket);
    free(fixture);
    return 0;
}

static void a_small_object_is_hashed_and_kept(void **state) {
    struct fixture *fixture = *state;
    unsigned char expected[SHA256_SIZE];
    sha256_of("words", 5, expected);
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("5", "words"), NULL}), STEP_DONE);
    assert_int_equal(fixture->work.size, 5);
    assert_memory_equal(fixture->work.sha256, expected, SHA256_SIZE);
    assert_string_equal(fixture->work.etag, "tag");
    assert_int_equal(fixture->work.head_length, 5);
    assert_true(fixture->work.has_content);
    assert_string_equal(buf_text(&fixture->tools.content), "words");
}

static void more_than_the_cache_takes_is_not_kept(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("11", "eleven char"), NULL}), STEP_DONE);
    assert_false(fixture->work.has_content);
    assert_true(fixture->work.has_sha256);
    assert_null(fixture->tools.content.data);
}

static void an_empty_object_is_read(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("0", ""), NULL}), STEP_DONE);
    assert_int_equal(fixture->work.size, 0);
}

/* What cannot pass is not read to its end. */
static void reading_ends_where_it_cannot_pass_any_more(void **state) {
    struct fixture *fixture = *state;
    fixture->job.expected_size = 3;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("5000000000", "words"), NULL}), STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_SIZE_MISMATCH);
    fixture->job.expected_size = -1;
    fixture->tools.max_upload_bytes = 4;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("5000000000", "words"), NULL}), STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_FILE_TOO_LARGE);
    assert_int_equal(fixture->work.size, -1);
}

static void a_missing_object_is_gone(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_MISSING, FAKE_EMPTY_REPLY, FAKE_MISSING, NULL}),
                     STEP_REJECT);
    assert_int_equal(fixture->err.code, ERROR_OBJECT_GONE);
}

/* The first answer may be the last of an outage. */
static void an_object_that_is_back_is_not_gone(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_MISSING, FAKE_EMPTY_REPLY, FAKE_EMPTY_REPLY, NULL}),
                     STEP_RETRY);
}

/* Files must not be given up because a disk was not mounted. */
static void a_missing_bucket_may_come_back(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_MISSING, FAKE_MISSING, NULL}), STEP_RETRY);
    assert_int_equal(error_disposition(&fixture->err), TRANSIENT);
}

static void a_body_that_breaks_off_spends_an_attempt(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("50", "words"), NULL}), STEP_RETRY);
    assert_int_equal(fixture->err.code, ERROR_STORE_ERROR);
    assert_int_equal(error_disposition(&fixture->err), TRANSIENT);
    assert_false(fixture->work.has_sha256);
    assert_false(fixture->work.has_content);
}

#define LIST_OF(key)                                                                                                   \
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult><IsTruncated>false</IsTruncated>"                   \
    "<Contents><Key>" key "</Key><Size>1</Size></Contents></ListBucketResult>"
#define FIRST_BYTE "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"

/* The store reads the object next to it: waiting for the store would be waiting for ever. */
static void an_object_that_alone_cannot_be_read_spends_an_attempt(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_BUSY, LIST_OF("files/y"), FIRST_BYTE, NULL}),
                     STEP_RETRY);
    assert_int_equal(fixture->err.code, ERROR_STORE_ERROR);
    assert_int_equal(error_disposition(&fixture->err), TRANSIENT);
    assert_non_null(strstr(fixture->err.message, "503"));
}

static void a_store_that_is_down_spends_none(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_BUSY, NULL}), STEP_RETRY);
    assert_int_equal(error_disposition(&fixture->err), OUTAGE);
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_CLOSE, NULL}), STEP_RETRY);
    assert_int_equal(error_disposition(&fixture->err), OUTAGE);
}

/* PNG's signature and what makes 70 bytes of it. */
#define PNG_70 "\x89PNG\r\n\x1a\n--------------------------------------------------------------"

static void spooled(struct fixture *fixture, const char *wanted) {
    char content[80] = "";
    assert_true(fixture->work.is_picture);
    assert_int_equal(spool_size(fixture->tools.spool), strlen(wanted));
    assert_true(pread(spool_descriptor(fixture->tools.spool), content, sizeof content, 0) > 0);
    assert_string_equal(content, wanted);
}

static void pictures_are_put_aside(void **state) {
    struct fixture *fixture = *state;
    fixture->tools.spool = spool_new("/tmp", 1000);
    fixture->tools.media_max_bytes = 70;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("70", PNG_70), NULL}), STEP_DONE);
    spooled(fixture, PNG_70);
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("9", "GIF89a..."), NULL}), STEP_DONE);
    spooled(fixture, "GIF89a...");
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("5", "words"), NULL}), STEP_DONE);
    assert_false(fixture->work.is_picture);
    assert_int_equal(spool_size(fixture->tools.spool), 0);
    spool_free(fixture->tools.spool);
}

static void too_large_pictures_are_files_like_any_other(void **state) {
    struct fixture *fixture = *state;
    fixture->tools.spool = spool_new("/tmp", 1000);
    fixture->tools.media_max_bytes = 69;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("70", PNG_70), NULL}), STEP_DONE);
    assert_false(fixture->work.is_picture);
    assert_int_equal(spool_size(fixture->tools.spool), 0);
    spool_free(fixture->tools.spool);
}

static void without_room_for_a_picture_it_is_tried_again(void **state) {
    struct fixture *fixture = *state;
    fixture->tools.spool = spool_new("/nowhere", 10);
    fixture->tools.media_max_bytes = 100;
    assert_int_equal(fetch(fixture, (const char *const[]){FAKE_OBJECT("70", PNG_70), NULL}), STEP_RETRY);
    assert_int_equal(fixture->err.code, ERROR_SPOOL_UNAVAILABLE);
    assert_false(fixture->work.is_picture);
    spool_free(fixture->tools.spool);
}

static int start(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    metrics_start();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_object_is_hashed_and_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_the_cache_takes_is_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_object_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reading_ends_where_it_cannot_pass_any_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_object_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_object_that_is_back_is_not_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_bucket_may_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_that_breaks_off_spends_an_attempt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_object_that_alone_cannot_be_read_spends_an_attempt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_that_is_down_spends_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pictures_are_put_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_large_pictures_are_files_like_any_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_room_for_a_picture_it_is_tried_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
