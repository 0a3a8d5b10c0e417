#include "tests/unit/vectors.h"

#include "common/s3_event.h"

#include <string.h>

static const char odd_key[] = "files/0190/a b+ü😀.csv";

/* What each real event is expected to say; key NULL: it is refused. */
static const struct {
    const char *file;
    enum s3_event_kind kind;
    const char *key;
    int64_t size;
    const char *etag;
    const char *sequencer;
} real_events[] = {
    {"minio-0-ObjectCreated-Put", S3_EVENT_CREATED, odd_key, 100, "aed563ecafb4bcc5654c597a421547b2",
     "18E9C21BD892DA2E"},
    {"minio-1-ObjectCreated-Put", S3_EVENT_CREATED, "files/0190/empty.bin", -1, "d41d8cd98f00b204e9800998ecf8427e",
     "18E9C21BD8D0440C"},
    {"minio-2-ObjectCreated-Post", S3_EVENT_CREATED, "files/0190/posted.png", 3, "202cb962ac59075b964b07152d234b70",
     "18E9C21BD915AFF1"},
    {"minio-3-ObjectCreated-CompleteMultipartUpload", S3_EVENT_CREATED, "files/0190/multi.bin", 10485760,
     "7181cbc0d3760cb3e220d8321a5ea84c-2", "18E9C21BDDC2F29B"},
    {"minio-4-ObjectCreated-Copy", S3_EVENT_CREATED, "files/0190/copied.bin", -1, "d41d8cd98f00b204e9800998ecf8427e",
     "18E9C21BDE19568E"},
    {"minio-5-ObjectCreated-PutTagging", S3_EVENT_IGNORED, "", -1, "", ""},
    {"minio-6-ObjectRemoved-Delete", S3_EVENT_REMOVED, "files/0190/copied.bin", -1, "", "18E9C21BDEA534BD"},
    {"versitygw-0-TestEvent", S3_EVENT_IGNORED, "", -1, "", ""},
    {"versitygw-1-ObjectCreated-Put", S3_EVENT_CREATED, odd_key, 100, "aed563ecafb4bcc5654c597a421547b2", "1"},
    {"versitygw-2-ObjectCreated-Put", S3_EVENT_CREATED, "files/0190/empty.bin", 0, "d41d8cd98f00b204e9800998ecf8427e",
     "2"},
    {"versitygw-3-ObjectCreated-Post", S3_EVENT_CREATED, NULL, 0, NULL, NULL},
    {"versitygw-4-ObjectCreated-CompleteMultipartUpload", S3_EVENT_CREATED, "files/0190/multi.bin", -1,
     "7181cbc0d3760cb3e220d8321a5ea84c-2", "4"},
    {"versitygw-5-ObjectCreated-Copy", S3_EVENT_CREATED, "files/0190/copied.bin", 0, "d41d8cd98f00b204e9800998ecf8427e",
     "5"},
    {"versitygw-6-ObjectTagging-Put", S3_EVENT_IGNORED, "", -1, "", ""},
    {"versitygw-7-ObjectRemoved-Delete", S3_EVENT_REMOVED, "files/0190/copied.bin", 0, "", "7"},
};

static void check_real_event(size_t i) {
    char path[512];
    struct s3_events events = {0};
    struct error err = {0};
    snprintf(path, sizeof path, "%s/s3-events/%s.json", TEST_VECTORS, real_events[i].file);
    _cleanup_(buf_free) struct buf text = read_file(path);
    bool parsed = s3_event_parse(text.data, text.length, &events, &err);
    if (parsed != (real_events[i].key != NULL)) {
        fail_msg("%s: %s", real_events[i].file, err.message);
    }
    if (!parsed) {
        assert_string_equal(err.message, "the event names no key");
        return;
    }
    const struct s3_event *event = &events.items[0];
    assert_int_equal(events.count, 1);
    assert_int_equal(events.rejected, 0);
    assert_int_equal(event->kind, real_events[i].kind);
    assert_string_equal(event->key, real_events[i].key);
    assert_int_equal(event->size, real_events[i].size);
    assert_string_equal(event->etag, real_events[i].etag);
    assert_string_equal(event->sequencer, real_events[i].sequencer);
    assert_string_equal(event->version_id, "");
    if (event->kind != S3_EVENT_IGNORED) {
        assert_string_equal(event->bucket, "uploads");
        assert_in_range(event->time_ms, 1795179351000, 1795179352000);
    }
    s3_events_free(&events);
}

static void test_real_events(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof real_events / sizeof real_events[0]; i++) {
        check_real_event(i);
    }
}

/* Fails the test when the text is refused. The caller frees the events. */
static struct s3_events parse(const char *text) {
    struct s3_events events = {0};
    struct error err = {0};
    if (!s3_event_parse(text, strlen(text), &events, &err)) {
        fail_msg("%s: %s", err.message, text);
    }
    return events;
}

static void expect_one(const char *text, enum s3_event_kind kind, const char *bucket, const char *key) {
    _cleanup_(s3_events_free) struct s3_events events = parse(text);
    assert_int_equal(events.count, 1);
    assert_int_equal(events.items[0].kind, kind);
    assert_string_equal(events.items[0].bucket, bucket);
    assert_string_equal(events.items[0].key, key);
}

#define OBJECT(key) "\"s3\":{\"bucket\":{\"name\":\"b\",\"arn\":\"arn:aws:s3:::b\"},\"object\":{\"key\":\"" key "\"}}"
#define RECORD(name, key) "{\"eventSource\":\"aws:s3\",\"eventName\":\"" name "\"," OBJECT(key) "}"
#define CREATED(key) RECORD("ObjectCreated:Put", key)

static void test_shapes(void **state) {
    (void)state;
    expect_one("{\"Records\":[" CREATED("k") "]}", S3_EVENT_CREATED, "b", "k");
    expect_one("{\"EventName\":\"s3:ObjectCreated:Put\",\"Key\":\"b/k\",\"Records\":[" CREATED("k") "]}",
               S3_EVENT_CREATED, "b", "k");
    expect_one("[{\"Event\":[" CREATED("k") "],\"EventTime\":\"t\"}]", S3_EVENT_CREATED, "b", "k");
    expect_one("[\"2017-04-24T10:24:11.000Z\",[" CREATED("k") "]]", S3_EVENT_CREATED, "b", "k");
    expect_one("[\"2017-04-24T10:24:11.000Z\"," CREATED("k") "]", S3_EVENT_CREATED, "b", "k");
    expect_one("[\"2017-04-24T10:24:11.000Z\",{\"Records\":[" CREATED("k") "]}]", S3_EVENT_CREATED, "b", "k");
    expect_one(CREATED("k"), S3_EVENT_CREATED, "b", "k");
    expect_one(" \n[" CREATED("k") "]\n", S3_EVENT_CREATED, "b", "k");
    expect_one(
        "{\"Type\":\"Notification\",\"Message\":\"{\\\"Records\\\":[{\\\"eventName\\\":\\\"ObjectRemoved:Delete\\\","
        "\\\"s3\\\":{\\\"bucket\\\":{\\\"name\\\":\\\"b\\\"},\\\"object\\\":{\\\"key\\\":\\\"a+b\\\"}}}]}\"}",
        S3_EVENT_REMOVED, "b", "a b");
    expect_one("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Time\":\"t\",\"Bucket\":\"b\"}",
               S3_EVENT_IGNORED, "b", "");
}

/* AmazonS3/latest/userguide/ev-events */
static void test_eventbridge(void **state) {
    (void)state;
    static const char text[] =
        "{\"version\":\"0\",\"id\":\"17793124-05d4-b198-2fde-7ededc63b103\",\"detail-type\":\"Object Created\","
        "\"source\":\"aws.s3\",\"account\":\"111122223333\",\"time\":\"2021-11-12T00:00:00Z\",\"region\":\"ca-central-"
        "1\","
        "\"resources\":[\"arn:aws:s3:::amzn-s3-demo-bucket1\"],\"detail\":{\"version\":\"0\",\"bucket\":{\"name\":"
        "\"amzn-s3-demo-bucket1\"},\"object\":{\"key\":\"a+b%20c.txt\",\"size\":5,\"etag\":"
        "\"b1946ac92492d2347c6235b4d2611184\",\"version-id\":\"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e\",\"sequencer\":"
        "\"617f08299329d189\"},\"request-id\":\"N4N7GDK58NMKJ12R\",\"requester\":\"123456789012\",\"source-ip-"
        "address\":"
        "\"1.2.3.4\",\"reason\":\"PutObject\"}}";
    _cleanup_(s3_events_free) struct s3_events events = parse(text);
    const struct s3_event *event = &events.items[0];
    assert_int_equal(event->kind, S3_EVENT_CREATED);
    assert_string_equal(event->bucket, "amzn-s3-demo-bucket1");
    assert_string_equal(event->key, "a+b%20c.txt"); /* raw */
    assert_int_equal(event->size, 5);
    assert_string_equal(event->etag, "b1946ac92492d2347c6235b4d2611184");
    assert_string_equal(event->version_id, "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e");
    assert_string_equal(event->sequencer, "617f08299329d189");
    assert_int_equal(event->time_ms, 1636675200000);
    expect_one(
        "{\"detail-type\":\"Object Deleted\",\"detail\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\"}}}",
        S3_EVENT_REMOVED, "b", "k");
    expect_one("{\"detail-type\":\"Object Tags Added\",\"detail\":{}}", S3_EVENT_IGNORED, "", "");
}

static void test_names(void **state) {
    (void)state;
    expect_one(RECORD("s3:ObjectCreated:CompleteMultipartUpload", "k"), S3_EVENT_CREATED, "b", "k");
    expect_one(RECORD("ObjectRemoved:DeleteMarkerCreated", "k"), S3_EVENT_REMOVED, "b", "k");
    expect_one(RECORD("LifecycleExpiration:Delete", "k"), S3_EVENT_REMOVED, "b", "k");
    expect_one(RECORD("s3:ObjectRemoved:NoOP", "k"), S3_EVENT_IGNORED, "", "");
    expect_one(RECORD("s3:ObjectCreated:PutRetention", "%zz"), S3_EVENT_IGNORED, "", "");
    expect_one(RECORD("s3:ObjectCreated:PutLegalHold", "k"), S3_EVENT_IGNORED, "", "");
    expect_one(RECORD("s3:ObjectAccessed:Get", "k"), S3_EVENT_IGNORED, "", "");
    expect_one("{\"eventName\":\"ObjectRestore:Completed\"}", S3_EVENT_IGNORED, "", "");
}

static void test_keys(void **state) {
    (void)state;
    expect_one(CREATED("a+b%2Bc%2fd/e%C3%BC"), S3_EVENT_CREATED, "b", "a b+c/d/eü");
    expect_one(CREATED("%F0%9F%98%80%25%41"), S3_EVENT_CREATED, "b", "😀%A");
    expect_one(CREATED("raw ü+100%25"), S3_EVENT_CREATED, "b", "raw ü+100%25");
    expect_one(CREATED("\\ud83d\\ude00+"), S3_EVENT_CREATED, "b", "😀+");
    expect_one("{\"eventSource\":\"ceph:s3\",\"eventName\":\"ObjectCreated:Put\"," OBJECT("a+b%41%zz") "}",
               S3_EVENT_CREATED, "b", "a+b%41%zz");
    expect_one(
        "{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\",\"arn\":\"arn:aws:s3:::/b/a+b%41\"},"
        "\"object\":{\"key\":\"a+b%41\"}}}",
        S3_EVENT_CREATED, "b", "a+b%41");
}

static void test_good_records_survive_bad_ones(void **state) {
    (void)state;
    _cleanup_(s3_events_free) struct s3_events events =
        parse("{\"Records\":[" CREATED("one") "," CREATED("%zz") ",7," CREATED("two") "]}");
    assert_int_equal(events.count, 2);
    assert_string_equal(events.items[1].key, "two");
    assert_int_equal(events.rejected, 2);
    assert_string_equal(events.reason.message, "the key's percent-encoding is broken");
}

static void refuse(const char *text, size_t length, enum error_code code, const char *reason) {
    struct s3_events events = {0};
    struct error err = {0};
    if (s3_event_parse(text, length, &events, &err)) {
        fail_msg("accepted %.200s", text);
    }
    if (strstr(err.message, reason) == NULL) {
        fail_msg("%.200s: %s", text, err.message);
    }
    assert_int_equal(err.code, code);
    assert_null(events.items);
}

static void test_what_is_no_event(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"[]", "no event"},
        {"{}", "unknown shape"},
        {"7", "neither"},
        {"\"Records\"", "neither"},
        {"null", "neither"},
        {"[\"2017-04-24T10:24:11.000Z\"]", "no event"},
        {"[1]", "neither"},
        {"{\"Records\":[]}", "no event"},
        {"{\"Records\":{}}", "unknown shape"},
        {"{\"Records\":[{}]}", "no eventName"},
        {"{\"Records\":[[]]}", "no eventName"},
        {"{\"Records\":[null]}", "no eventName"},
        {"{\"Records\":[{\"eventName\":7}]}", "no eventName"},
        {"{\"Records\":[{\"eventName\":\"ObjectCreated:Put\"}]}", "no bucket"},
        {"{\"Records\":[{\"eventName\":\"ObjectCreated:Put\",\"s3\":[]}]}", "no bucket"},
        {"{\"Records\":[{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"}}}]}", "no key"},
        {"{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":7},\"object\":{\"key\":\"k\"}}}",
         "name is not"},
        {"{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":[]}}}",
         "key is not"},
        {"{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\",\"size\":-"
         "1}}}",
         "size"},
        {"{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\",\"size\":"
         "1.5}}}",
         "size"},
        {CREATED(""), "no key"},
        {CREATED("%zz"), "percent-encoding"},
        {CREATED("a%4"), "percent-encoding"},
        {CREATED("a%00b"), "percent-encoding"},
        {CREATED("a%ff"), "not UTF-8"},
        {CREATED("%ed%a0%80"), "not UTF-8"},
        {"{\"Event\":\"s3:Else\"}", "unknown kind"},
        {"{\"Message\":\"{\\\"Message\\\":\\\"{}\\\"}\"}", "inside of a Message"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        refuse(texts[i][0], strlen(texts[i][0]), ERROR_BAD_REQUEST, texts[i][1]);
    }
}

static void test_what_is_no_json(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "{",
        "[",
        "{\"Records\":[" CREATED("k") "]",
        CREATED("k") "x",
        "\xff\xfe",
        "{\"a\":1,\"a\":2}",
        "{\"eventName\":\"\\u0000\"}",
        "{\"eventName\":\"\\ud800\"}",
        "{\"a\":1e400}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        refuse(texts[i], strlen(texts[i]), ERROR_MALFORMED_JSON, "");
    }
    refuse("{}\0", 3, ERROR_MALFORMED_JSON, "");
    refuse("{\"Message\":\"{\"}", strlen("{\"Message\":\"{\"}"), ERROR_BAD_REQUEST, "line 1");
}

static void append_times(struct buf *out, const char *text, size_t times) {
    for (size_t i = 0; i < times; i++) {
        buf_append_text(out, text);
    }
}

static void test_limits(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf text = {0};
    append_times(&text, "[", 100000);
    refuse(text.data, text.length, ERROR_MALFORMED_JSON, "deeper");
    buf_clear(&text);
    append_times(&text, " ", S3_EVENT_MAX_BYTES + 1);
    refuse(text.data, text.length, ERROR_BAD_REQUEST, "more than 1048576 bytes");
    buf_clear(&text);
    buf_append_text(&text,
                    "{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"");
    append_times(&text, "k", 1025);
    buf_append_text(&text, "\"}}}");
    refuse(text.data, text.length, ERROR_BAD_REQUEST, "at most 1024");
    buf_clear(&text);
    buf_append_text(&text, "[");
    append_times(&text, CREATED("k") ",", S3_EVENT_MAX_RECORDS);
    buf_append_text(&text, CREATED("k") "]");
    _cleanup_(s3_events_free) struct s3_events events = parse(text.data);
    assert_int_equal(events.count, S3_EVENT_MAX_RECORDS);
    assert_int_equal(events.rejected, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_events),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_eventbridge),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_good_records_survive_bad_ones),
        cmocka_unit_test(test_what_is_no_event),
        cmocka_unit_test(test_what_is_no_json),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
