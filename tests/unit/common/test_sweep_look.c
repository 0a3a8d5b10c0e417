#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/sweep_look.h"

#include <signal.h>

#define OBJECT "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"tag\"\r\nConnection: close\r\n\r\n"
#define MISSING FAKE_REPLY("404 Not Found", "0", "")
#define DENIED FAKE_REPLY("403 Forbidden", "0", "")
#define BUSY FAKE_REPLY("503 Slow Down", "0", "")
#define BUCKET FAKE_REPLY("200 OK", "0", "")
#define EMPTY_LIST FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")

struct look {
    bool is_good;
    enum sweep_sight sight;
    struct s3_object object;
    struct error problem, err;
};

static struct look look(const char *const *answers, bool certain) {
    struct fake_s3 store;
    struct look look = {0};
    fake_s3_start(&store, answers);
    look.is_good = sweep_look(store.client, "files/a", certain, &look.sight, &look.object, &look.problem, &look.err);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
    return look;
}

static void test_seen(void **state) {
    (void)state;
    struct look result = look((const char *const[]){OBJECT, NULL}, true);
    assert_true(result.is_good);
    assert_int_equal(result.sight, SWEEP_SEEN);
    struct file_arrival arrival = sweep_arrival("uploads", "files/a", &result.object);
    assert_int_equal(arrival.size, 7);
    assert_string_equal(arrival.etag, "tag");
    assert_null(arrival.version_id);
    assert_null(arrival.sequencer);
}

static void test_missing(void **state) {
    (void)state;
    assert_int_equal(look((const char *const[]){MISSING, NULL}, false).sight, SWEEP_MISSING);
    assert_int_equal(look((const char *const[]){MISSING, BUCKET, MISSING, NULL}, true).sight, SWEEP_MISSING);
}

/* A bucket that is gone, or a second answer that is another, is no reason to give a file up. */
static void test_missing_but_not_for_certain(void **state) {
    (void)state;
    assert_int_equal(look((const char *const[]){MISSING, MISSING, NULL}, true).sight, SWEEP_UNCLEAR);
    assert_int_equal(look((const char *const[]){MISSING, BUCKET, OBJECT, NULL}, true).sight, SWEEP_UNCLEAR);
}

static void test_one_object_that_is_refused_or_broken(void **state) {
    (void)state;
    struct look denied = look((const char *const[]){DENIED, NULL}, true);
    assert_true(denied.is_good);
    assert_int_equal(denied.sight, SWEEP_UNCLEAR);
    assert_int_equal(denied.problem.code, ERROR_STORE_DENIED);
    struct look broken = look((const char *const[]){BUSY, EMPTY_LIST, EMPTY_LIST, NULL}, true);
    assert_true(broken.is_good);
    assert_int_equal(broken.sight, SWEEP_UNCLEAR);
    assert_int_equal(broken.problem.code, ERROR_STORE_UNAVAILABLE);
}

static void test_an_outage_ends_it(void **state) {
    (void)state;
    struct look down = look((const char *const[]){BUSY, BUSY, NULL}, false);
    assert_false(down.is_good);
    assert_int_equal(down.err.code, ERROR_STORE_UNAVAILABLE);
}

static int ignore_sigpipe(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_missing_but_not_for_certain),
        cmocka_unit_test(test_one_object_that_is_refused_or_broken),
        cmocka_unit_test(test_an_outage_ends_it),
    };
    return cmocka_run_group_tests(tests, ignore_sigpipe, NULL);
}
