#include "common/sqs_client.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/common/fake_sqs.h"

#define TWO                                                                                                            \
    FAKE_SQS_REPLY(                                                                                                    \
        "200 OK",                                                                                                      \
        "{\"Messages\":[{\"ReceiptHandle\":\"r0\",\"Body\":\"b0\"},{\"ReceiptHandle\":\"r1\",\"Body\":\"b1\"}]}")

static struct config settings(const char *url, const char *access_key, const char *secret_key) {
    return (struct config){.sqs_queue_url = (char *)(uintptr_t)url,
                           .sqs_region = (char *)"",
                           .sqs_access_key = (char *)(uintptr_t)access_key,
                           .sqs_secret_key = (char *)(uintptr_t)secret_key,
                           .s3_region = (char *)"eu-west-1",
                           .s3_access_key = (char *)"store-key",
                           .s3_secret_key = (char *)"store-secret",
                           .s3_session_token = (char *)"token"};
}

static void the_credentials_of_the_store_are_the_default(void **state) {
    (void)state;
    struct config config = settings("https://sqs.eu-west-1.amazonaws.com/1/q", "", "");
    struct sqs_options options = sqs_options_of(&config);
    assert_string_equal(options.region, "eu-west-1");
    assert_string_equal(options.access_key, "store-key");
    assert_string_equal(options.session_token, "token");
    config = settings("https://sqs.eu-west-1.amazonaws.com/1/q", "own", "own-secret");
    config.sqs_region = (char *)"us-east-2";
    options = sqs_options_of(&config);
    assert_string_equal(options.region, "us-east-2");
    assert_string_equal(options.secret_key, "own-secret");
    assert_null(options.session_token);
}

static void settings_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *url, *access_key, *secret_key;
        bool good;
    } cases[] = {
        {"", "", "", true},
        {"", "key", "", true}, /* of no queue */
        {"https://sqs.eu-central-1.amazonaws.com/123456789012/uploads", "", "", true},
        {"http://127.0.0.1:9324/000000000000/uploads.fifo", "a", "b", true},
        {"https://sqs.eu-central-1.amazonaws.com/123456789012/uploads", "key", "", false},
        {"https://sqs.eu-central-1.amazonaws.com/123456789012/uploads", "", "secret", false},
        {"https://sqs.eu-central-1.amazonaws.com", "", "", false},
        {"https://sqs.eu-central-1.amazonaws.com/", "", "", false},
        {"ftp://host/1/q", "", "", false},
        {"uploads", "", "", false},
        {"https://user:password@host/1/q", "", "", false},
        {"https://host/1/q?x=y", "", "", false},
        {"https:///1/q", "", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config config = settings(cases[i].url, cases[i].access_key, cases[i].secret_key);
        struct error err = {0};
        assert_int_equal(sqs_options_check(&config, &err), cases[i].good);
        assert_true(cases[i].good || err.code == ERROR_CONFIG);
    }
}

static void a_receive_is_signed_and_says_what_it_wants(void **state) {
    (void)state;
    struct fake_sqs sqs;
    _cleanup_(sqs_messages_free) struct sqs_messages messages = {0};
    struct error err = {0};
    fake_sqs_start(&sqs, (const char *const[]){TWO, NULL});
    assert_true(sqs_client_receive(sqs.client, &messages, &err));
    assert_int_equal(messages.count, 2);
    assert_string_equal(messages.items[1].receipt, "r1");
    fake_sqs_stop(&sqs);
    const char *request = buf_text(&sqs.server.requests);
    assert_non_null(strstr(request, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "content-type: application/x-amz-json-1.0\r\n"));
    assert_non_null(strstr(request, "x-amz-target: AmazonSQS.ReceiveMessage\r\n"));
    assert_non_null(strstr(request, "/eu-central-1/sqs/aws4_request, "
                                    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="));
    assert_non_null(strstr(request, "\"MaxNumberOfMessages\":10"));
    assert_non_null(strstr(request, "\"WaitTimeSeconds\":1"));
    assert_non_null(strstr(request, "\"VisibilityTimeout\":60"));
    assert_non_null(strstr(request, "/123456789012/uploads\""));
    assert_null(strstr(request, "\"secret\""));
    fake_sqs_end(&sqs);
}

static void only_what_is_asked_for_is_deleted(void **state) {
    (void)state;
    struct fake_sqs sqs;
    _cleanup_(sqs_messages_free) struct sqs_messages messages = {0};
    struct sqs_deletion deletion = {0};
    struct error err = {0};
    fake_sqs_start(&sqs,
                   (const char *const[]){TWO, FAKE_SQS_REPLY("200 OK", "{\"Successful\":[{\"Id\":\"1\"}]}"), NULL});
    assert_true(sqs_client_receive(sqs.client, &messages, &err));
    assert_true(sqs_client_delete(sqs.client, &messages, 1U << 1, &deletion, &err));
    assert_int_equal(deletion.deleted, 1U << 1);
    fake_sqs_stop(&sqs);
    assert_non_null(strstr(buf_text(&sqs.server.requests), "x-amz-target: AmazonSQS.DeleteMessageBatch\r\n"));
    assert_non_null(strstr(buf_text(&sqs.server.requests), "[{\"Id\":\"1\",\"ReceiptHandle\":\"r1\"}]"));
    fake_sqs_end(&sqs);
}

/* A second one would take further messages, and those of the lost answer come again by themselves. */
static void a_receive_is_not_sent_twice(void **state) {
    (void)state;
    struct fake_sqs sqs;
    struct sqs_messages messages = {0};
    struct error err = {0};
    fake_sqs_start(&sqs, (const char *const[]){FAKE_SQS_REPLY("503 Busy", "{}"), TWO, NULL});
    assert_false(sqs_client_receive(sqs.client, &messages, &err));
    assert_int_equal(err.code, ERROR_SQS_UNAVAILABLE);
    fake_sqs_stop(&sqs);
    assert_int_equal(fake_http_count(&sqs.server, "AmazonSQS.ReceiveMessage"), 1);
    fake_sqs_end(&sqs);
}

static void answers_become_codes(void **state) {
    (void)state;
    static const struct {
        const char *answer;
        enum error_code code;
    } cases[] = {
        {FAKE_SQS_REPLY("400 Bad Request", "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\"}"), ERROR_SQS_REFUSED},
        {FAKE_SQS_REPLY("403 Forbidden", "{\"__type\":\"AccessDeniedException\"}"), ERROR_SQS_REFUSED},
        {FAKE_SQS_REPLY("400 Bad Request", "{\"__type\":\"com.amazonaws.sqs#OverLimit\"}"), ERROR_SQS_UNAVAILABLE},
        {FAKE_SQS_REPLY("302 Found", ""), ERROR_SQS_REFUSED},
        {FAKE_SQS_REPLY("200 OK", "hello"), ERROR_SQS_BAD_REPLY},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{}", ERROR_SQS_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_sqs sqs;
        struct sqs_messages messages = {0};
        struct error err = {0};
        fake_sqs_start(&sqs, (const char *const[]){cases[i].answer, NULL});
        assert_false(sqs_client_receive(sqs.client, &messages, &err));
        assert_int_equal(err.code, cases[i].code);
        fake_sqs_stop(&sqs);
        fake_sqs_end(&sqs);
    }
}

static void what_waits_is_asked_for(void **state) {
    (void)state;
    struct fake_sqs sqs;
    int64_t waiting = 0;
    struct error err = {0};
    fake_sqs_start(&sqs,
                   (const char *const[]){
                       FAKE_SQS_REPLY("200 OK", "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"7\"}}"), NULL});
    assert_true(sqs_client_waiting(sqs.client, &waiting, &err));
    assert_int_equal(waiting, 7);
    fake_sqs_stop(&sqs);
    assert_non_null(strstr(buf_text(&sqs.server.requests), "\"AttributeNames\":[\"ApproximateNumberOfMessages\"]"));
    fake_sqs_end(&sqs);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_credentials_of_the_store_are_the_default),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(a_receive_is_signed_and_says_what_it_wants),
        cmocka_unit_test(only_what_is_asked_for_is_deleted),
        cmocka_unit_test(a_receive_is_not_sent_twice),
        cmocka_unit_test(answers_become_codes),
        cmocka_unit_test(what_waits_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
