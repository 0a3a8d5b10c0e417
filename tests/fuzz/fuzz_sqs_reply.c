/* What a queue answers. */
#include "common/sqs_reply.h"
#include "tests/fuzz/fuzz.h"

static void check_messages(const char *text, size_t length) {
    struct error err = {0};
    _cleanup_(sqs_messages_free) struct sqs_messages messages = {0};
    if (!sqs_reply_messages(text, length, &messages, &err)) {
        require(err.code == ERROR_SQS_BAD_REPLY, "a refusal has its code");
        require(messages.count == 0, "a refused reply has no messages");
        return;
    }
    require(messages.count <= SQS_BATCH_MAX, "there are no more messages than were asked for");
    for (size_t i = 0; i < messages.count; i++) {
        size_t receipt = strlen(messages.items[i].receipt);
        require(receipt > 0 && receipt <= SQS_RECEIPT_MAX, "a message can be deleted");
        require(messages.items[i].body.length <= length, "a body is part of the reply");
    }
}

static void check_deletion(const char *text, size_t length) {
    struct error err = {0};
    struct sqs_deletion deletion = {0};
    if (sqs_reply_deletion(text, length, &deletion, &err)) {
        require(((deletion.deleted | deletion.refused) >> SQS_BATCH_MAX) == 0, "only what was named is deleted");
    } else {
        require(err.code == ERROR_SQS_BAD_REPLY, "a refusal has its code");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = {0};
    int64_t waiting = 0;
    char type[SQS_TYPE_SIZE];
    _cleanup_(freep) char *text = text_of(data, size);
    size_t length = strlen(text);
    check_messages(text, length);
    check_deletion(text, length);
    require(!sqs_reply_waiting(text, length, &waiting, &err) || waiting >= 0, "nobody owes messages");
    sqs_reply_error_type(text, length, type);
    require(strlen(type) < SQS_TYPE_SIZE && strpbrk(type, "\r\n \"") == NULL, "an error's name fits a log line");
    return 0;
}
