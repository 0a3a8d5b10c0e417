#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/s3_witness.h"

#include <signal.h>

#define BUSY FAKE_REPLY("503 Slow Down", "0", "")
#define BYTE FAKE_REPLY("206 Partial Content", "1", "x")
#define EMPTY FAKE_REPLY("416 Range Not Satisfiable", "0", "")
#define GONE FAKE_REPLY("404 Not Found", "0", "")
#define ENTRY(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define LIST(entries)                                                                                                  \
    FAKE_XML("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated>" entries "</ListBucketResult>")

/* Asks for files/b, which fails with the first answer, and then whether it is broken. */
static bool ask(const char *const *answers, size_t requests) {
    struct fake_s3 store;
    struct s3_object object;
    fake_s3_start(&store, answers);
    assert_false(s3_client_head(store.client, "files/b", &object, &store.err));
    bool is_broken = s3_object_is_broken(store.client, "files/b");
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, " HTTP/1.1"), requests);
    fake_server_free(&store.server);
    return is_broken;
}

static void test_a_neighbour_can_be_read(void **state) {
    (void)state;
    assert_true(ask((const char *const[]){BUSY, LIST(ENTRY("files/c")), BYTE, NULL}, 3));
    assert_true(ask((const char *const[]){BUSY, LIST(ENTRY("files/c")), EMPTY, NULL}, 3));
    assert_true(ask((const char *const[]){BUSY, LIST(ENTRY("files/c") ENTRY("files/d")), BUSY, BYTE, NULL}, 4));
}

static void test_the_last_one_asks_the_first(void **state) {
    (void)state;
    assert_true(ask((const char *const[]){BUSY, LIST(""), LIST(ENTRY("files/a") ENTRY("files/b")), BYTE, NULL}, 4));
}

static void test_there_is_no_other(void **state) {
    (void)state;
    assert_true(ask((const char *const[]){BUSY, LIST(""), LIST(ENTRY("files/b")), NULL}, 3));
}

static void test_others_fail_too(void **state) {
    (void)state;
    assert_false(ask((const char *const[]){BUSY, BUSY, NULL}, 2));
    assert_false(ask((const char *const[]){BUSY, LIST(ENTRY("files/c")), BUSY, NULL}, 3));
    assert_false(ask((const char *const[]){BUSY, LIST(ENTRY("files/c")), GONE, NULL}, 3)); /* proves nothing */
    assert_false(
        ask((const char *const[]){BUSY, LIST(ENTRY("files/c") ENTRY("files/d") ENTRY("files/e") ENTRY("files/f")), BUSY,
                                  BUSY, BUSY, NULL},
            5));
}

static void test_without_an_answer_nothing_is_asked(void **state) {
    (void)state;
    assert_false(ask((const char *const[]){FAKE_CLOSE, LIST(ENTRY("files/c")), BYTE, NULL}, 1));
}

static int ignore_sigpipe(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_neighbour_can_be_read),
        cmocka_unit_test(test_the_last_one_asks_the_first),
        cmocka_unit_test(test_there_is_no_other),
        cmocka_unit_test(test_others_fail_too),
        cmocka_unit_test(test_without_an_answer_nothing_is_asked),
    };
    return cmocka_run_group_tests(tests, ignore_sigpipe, NULL);
}
