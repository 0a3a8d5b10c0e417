#include "common/sqs_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void messages_are_read(void **state) {
    (void)state;
    static const char reply[] =
        "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r1\",\"MD5OfBody\":\"x\",\"Body\":"
        "\"{\\\"Records\\\":[]}\"},{\"ReceiptHandle\":\"r2\",\"Body\":\"\"}]}";
    _cleanup_(sqs_messages_free) struct sqs_messages messages = {0};
    struct error err = {0};
    assert_true(sqs_reply_messages(reply, sizeof reply - 1, &messages, &err));
    assert_int_equal(messages.count, 2);
    assert_string_equal(messages.items[0].receipt, "r1");
    assert_int_equal(messages.items[0].body.length, strlen("{\"Records\":[]}"));
    assert_memory_equal(messages.items[0].body.data, "{\"Records\":[]}", messages.items[0].body.length);
    assert_int_equal(messages.items[1].body.length, 0);
}

static void no_messages_are_none(void **state) {
    (void)state;
    static const char *const replies[] = {"{}", "{\"Messages\":null}", "{\"Messages\":[]}"};
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        struct sqs_messages messages = {0};
        struct error err = {0};
        assert_true(sqs_reply_messages(replies[i], strlen(replies[i]), &messages, &err));
        assert_int_equal(messages.count, 0);
    }
}

static void hostile_replies_are_refused_as_a_whole(void **state) {
    (void)state;
    static const char *const replies[] = {
        "",
        "nothing",
        "[]",
        "17",
        "{\"Messages\":{}}",
        "{\"Messages\":\"x\"}",
        "{\"Messages\":[1]}",
        "{\"Messages\":[{}]}",
        "{\"Messages\":[{\"ReceiptHandle\":\"r\"}]}",
        "{\"Messages\":[{\"Body\":\"b\"}]}",
        "{\"Messages\":[{\"ReceiptHandle\":\"\",\"Body\":\"b\"}]}",
        "{\"Messages\":[{\"ReceiptHandle\":1,\"Body\":\"b\"}]}",
        "{\"Messages\":[{\"ReceiptHandle\":\"r\",\"Body\":{}}]}",
        "{\"Messages\":[{\"ReceiptHandle\":\"r\",\"Body\":\"good\"},{\"ReceiptHandle\":\"r\"}]}",
        "{\"Messages\":[{\"ReceiptHandle\":\"r\",\"Body\":\"\\u0000\"}]}",
        "{\"Messages\":[1,1,1,1,1,1,1,1,1,1,1]}",
    };
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        struct sqs_messages messages = {0};
        struct error err = {0};
        if (sqs_reply_messages(replies[i], strlen(replies[i]), &messages, &err)) {
            fail_msg("taken: %s", replies[i]);
        }
        assert_int_equal(err.code, ERROR_SQS_BAD_REPLY);
        assert_int_equal(messages.count, 0);
    }
}

static void a_receipt_has_a_limit(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf reply = {0};
    struct sqs_messages messages = {0};
    struct error err = {0};
    buf_append_text(&reply, "{\"Messages\":[{\"Body\":\"b\",\"ReceiptHandle\":\"");
    for (size_t i = 0; i <= SQS_RECEIPT_MAX; i++) {
        buf_append_char(&reply, 'r');
    }
    buf_append_text(&reply, "\"}]}");
    assert_false(sqs_reply_messages(reply.data, reply.length, &messages, &err));
    assert_int_equal(err.code, ERROR_SQS_BAD_REPLY);
}

static void a_deletion_tells_of_each_entry(void **state) {
    (void)state;
    static const char reply[] = "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"3\"}],\"Failed\":["
                                "{\"Id\":\"1\",\"SenderFault\":true,\"Code\":\"ReceiptHandleIsInvalid\"},"
                                "{\"Id\":\"2\",\"SenderFault\":false,\"Code\":\"InternalError\"}]}";
    struct sqs_deletion deletion = {0};
    struct error err = {0};
    assert_true(sqs_reply_deletion(reply, sizeof reply - 1, &deletion, &err));
    assert_int_equal(deletion.deleted, 1U << 0 | 1U << 3);
    assert_int_equal(deletion.refused, 1U << 1);
}

static void a_deletion_of_what_was_not_asked_for_is_refused(void **state) {
    (void)state;
    static const char *const replies[] = {
        "{\"Successful\":[{\"Id\":\"10\"}]}",
        "{\"Successful\":[{\"Id\":\"-1\"}]}",
        "{\"Successful\":[{}]}",
        "{\"Successful\":[{\"Id\":1}]}",
        "{\"Failed\":[{\"Id\":\"x\"}]}",
        "{\"Failed\":true}",
        "[]",
    };
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        struct sqs_deletion deletion = {0};
        struct error err = {0};
        assert_false(sqs_reply_deletion(replies[i], strlen(replies[i]), &deletion, &err));
        assert_int_equal(err.code, ERROR_SQS_BAD_REPLY);
    }
}

static void what_waits_is_a_number(void **state) {
    (void)state;
    static const char good[] = "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"42\"}}";
    int64_t waiting = 0;
    struct error err = {0};
    assert_true(sqs_reply_waiting(good, sizeof good - 1, &waiting, &err));
    assert_int_equal(waiting, 42);
    static const char *const bad[] = {"{}", "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"-1\"}}",
                                      "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"many\"}}",
                                      "{\"Attributes\":[]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(sqs_reply_waiting(bad[i], strlen(bad[i]), &waiting, &err));
        assert_int_equal(err.code, ERROR_SQS_BAD_REPLY);
    }
}

static void an_errors_name_is_short_and_plain(void **state) {
    (void)state;
    static const struct {
        const char *reply, *type;
    } cases[] = {
        {"{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"x\"}", "QueueDoesNotExist"},
        {"{\"__type\":\"AccessDeniedException\"}", "AccessDeniedException"},
        {"{\"__type\":\"a b\"}", ""},
        {"{\"__type\":\"line\\nbreak\"}", ""},
        {"{\"__type\":7}", ""},
        {"{}", ""},
        {"<html>", ""},
        {"{\"__type\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char type[SQS_TYPE_SIZE];
        sqs_reply_error_type(cases[i].reply, strlen(cases[i].reply), type);
        assert_string_equal(type, cases[i].type);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(no_messages_are_none),
        cmocka_unit_test(hostile_replies_are_refused_as_a_whole),
        cmocka_unit_test(a_receipt_has_a_limit),
        cmocka_unit_test(a_deletion_tells_of_each_entry),
        cmocka_unit_test(a_deletion_of_what_was_not_asked_for_is_refused),
        cmocka_unit_test(what_waits_is_a_number),
        cmocka_unit_test(an_errors_name_is_short_and_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
