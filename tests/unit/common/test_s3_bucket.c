#include "tests/unit/common/fake_s3.h"
#include "tests/unit/vectors.h"

#include "common/s3_bucket.h"

#include <signal.h>

static void test_exists(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""), FAKE_REPLY("404 Not Found", "0", ""),
                                          FAKE_REPLY("403 Forbidden", "0", ""), NULL};
    struct fake_s3 store;
    bool exists = false;
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_exists(store.client, &exists, &store.err) && exists);
    assert_true(s3_bucket_exists(store.client, &exists, &store.err) && !exists);
    assert_false(s3_bucket_exists(store.client, &exists, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_DENIED);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_require(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""), FAKE_REPLY("404 Not Found", "0", ""), NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_require(store.client, &store.err));
    assert_false(s3_bucket_require(store.client, &store.err));
    assert_int_equal(error_disposition(&store.err), TRANSIENT);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

/* Asks with these answers and gives whether the object is absent. */
static bool ask_absent(const char *const *answers, const char *asked, struct error *err) {
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    bool is_absent = s3_object_is_absent(store.client, "files/a", err);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, asked), 1);
    fake_server_free(&store.server);
    return is_absent;
}

#define PRESENT FAKE_REPLY("200 OK", "0", "")
#define MISSING FAKE_REPLY("404 Not Found", "0", "")
#define BUSY FAKE_REPLY("503 Slow Down", "0", "")

static void test_object_is_absent(void **state) {
    (void)state;
    struct error err = {0};
    assert_true(ask_absent((const char *const[]){PRESENT, MISSING, NULL}, "HEAD /uploads/files/a HTTP", &err));
    assert_false(ask_absent((const char *const[]){PRESENT, PRESENT, NULL}, "HEAD /uploads/files/a HTTP", &err));
    assert_int_equal(error_disposition(&err), TRANSIENT);
    assert_false(ask_absent((const char *const[]){PRESENT, BUSY, NULL}, "HEAD /uploads/files/a HTTP", &err));
    assert_int_equal(error_disposition(&err), OUTAGE);
    assert_false(ask_absent((const char *const[]){MISSING, NULL}, "HEAD /uploads HTTP", &err));
    assert_int_equal(error_disposition(&err), TRANSIENT);
    assert_false(ask_absent((const char *const[]){BUSY, NULL}, "HEAD /uploads HTTP", &err));
    assert_int_equal(error_disposition(&err), OUTAGE);
}

static void test_create(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""),
                                          FAKE_ERROR("409 Conflict", "BucketAlreadyOwnedByYou"),
                                          FAKE_ERROR("409 Conflict", "BucketAlreadyExists"), NULL};
    struct fake_s3 store;
    fake_s3_start_with(&store, answers, "eu-central-1", 1);
    assert_true(s3_bucket_create(store.client, &store.err));
    assert_true(s3_bucket_create(store.client, &store.err));
    assert_false(s3_bucket_create(store.client, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_PRECONDITION);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "<LocationConstraint>eu-central-1</LocationConstraint>"), 3);
    fake_server_free(&store.server);
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_create(store.client, &store.err));
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "LocationConstraint"), 0);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads HTTP"), 1);
    fake_server_free(&store.server);
}

static void test_put_notifications(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""), FAKE_ERROR("400 Bad", "InvalidArgument"),
                                          NULL};
    static const char *const events[] = {"s3:ObjectCreated:Put", "s3:ObjectRemoved:*", NULL};
    const struct s3_notification notifications[] = {
        {.id = "one", .arn = "arn:minio:sqs::A:redis", .events = events, .prefix = "files/<&>"},
        {.arn = "arn:minio:sqs::B:redis", .events = events},
    };
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_put_notifications(store.client, notifications, 2, &store.err));
    assert_false(s3_bucket_put_notifications(store.client, NULL, 0, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "PUT /uploads?notification= HTTP"), 2);
    assert_int_equal(
        fake_s3_count(&store,
                      "<QueueConfiguration><Id>one</Id><Queue>arn:minio:sqs::A:redis</Queue>"
                      "<Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectRemoved:*</Event>"
                      "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>files/&#60;&#38;&#62;</Value></FilterRule>"
                      "</S3Key></Filter></QueueConfiguration>"
                      "<QueueConfiguration><Queue>arn:minio:sqs::B:redis</Queue>"
                      "<Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>"),
        1);
    fake_server_free(&store.server);
}

static void test_get_notifications(void **state) {
    (void)state;
    static const char *const answers[] = {
        FAKE_XML("200 OK",
                 "<NotificationConfiguration><TopicConfiguration><Topic>t</Topic></TopicConfiguration>"
                 "<QueueConfiguration><Id>1</Id><Filter><S3Key><FilterRule><Name>Suffix</Name><Value>.jpg</Value>"
                 "</FilterRule><FilterRule><Name>Prefix</Name><Value>files/</Value></FilterRule></S3Key></Filter>"
                 "<Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectCreated:Post</Event><Queue>arn-1</Queue>"
                 "</QueueConfiguration><QueueConfiguration><Queue>arn-2</Queue><Event>s3:ObjectRemoved:*</Event>"
                 "</QueueConfiguration></NotificationConfiguration>"),
        FAKE_XML("200 OK", "<NotificationConfiguration/>"),
        FAKE_XML("200 OK", "<NotificationConfiguration><QueueConfiguration></QueueConfiguration>"), NULL};
    struct fake_s3 store;
    struct s3_notification_rows rows = {0};
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_get_notifications(store.client, &rows, &store.err));
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.rows[0].arn, "arn-1");
    assert_string_equal(rows.rows[0].prefix, "files/");
    assert_string_equal(rows.rows[0].events, "s3:ObjectCreated:Put s3:ObjectCreated:Post");
    assert_string_equal(rows.rows[1].arn, "arn-2");
    assert_string_equal(rows.rows[1].prefix, "");
    assert_true(rows.has_more);
    s3_notification_rows_free(&rows);
    assert_true(s3_bucket_get_notifications(store.client, &rows, &store.err));
    assert_int_equal(rows.count, 0);
    assert_false(rows.has_more);
    assert_false(s3_bucket_get_notifications(store.client, &rows, &store.err));
    assert_int_equal(store.err.code, ERROR_STORE_ERROR);
    fake_s3_stop(&store);
    fake_server_free(&store.server);
}

static void test_cors(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_REPLY("200 OK", "0", ""),
                                          FAKE_ERROR("501 Not Implemented", "NotImplemented"), NULL};
    static const char *const origins[] = {"https://a.example", "https://b.example", NULL};
    struct fake_s3 store;
    fake_s3_start(&store, answers);
    assert_true(s3_bucket_put_cors(store.client, origins, &store.err));
    assert_false(s3_bucket_put_cors(store.client, origins, &store.err));
    assert_int_equal(store.err.code, ERROR_NOT_IMPLEMENTED);
    fake_s3_stop(&store);
    assert_int_equal(fake_s3_count(&store, "<AllowedOrigin>https://a.example</AllowedOrigin><AllowedOrigin>"
                                           "https://b.example</AllowedOrigin>"),
                     2);
    fake_server_free(&store.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exists),
        cmocka_unit_test(test_require),
        cmocka_unit_test(test_object_is_absent),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_put_notifications),
        cmocka_unit_test(test_get_notifications),
        cmocka_unit_test(test_cors),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
