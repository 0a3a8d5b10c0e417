/* What SQS answers, from bytes to values. Pure; hostile replies are refused as a whole (ERROR_SQS_BAD_REPLY).
 *
 * Source: the AWS JSON protocol 1.0 of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/, actions
 * ReceiveMessage, DeleteMessageBatch and GetQueueAttributes.
 */
#ifndef SLUICE_COMMON_SQS_REPLY_H
#define SLUICE_COMMON_SQS_REPLY_H

#include "common/buf.h"
#include "common/error.h"

#include <stdint.h>

enum {
    SQS_BATCH_MAX = 10,            /* messages of one request, of either kind; SQS' own limit */
    SQS_REPLY_MAX_BYTES = 8 << 20, /* bodies have at most 1 MiB together, and escapes make that longer */
    SQS_RECEIPT_MAX = 4096,        /* bytes of a receipt handle */
    SQS_TYPE_SIZE = 64,            /* of an error's name with its NUL */
};

struct sqs_message {
    char *receipt; /* names this one receiving of the message */
    struct buf body;
};

struct sqs_messages {
    struct sqs_message items[SQS_BATCH_MAX];
    size_t count;
};

void sqs_messages_free(struct sqs_messages *messages);

/* Of ReceiveMessage; an answer without messages has none. */
bool sqs_reply_messages(const char *bytes, size_t length, struct sqs_messages *ret_messages,
                        struct error *err) MUST_CHECK;

/* Of DeleteMessageBatch, whose entries were named "0", "1", …: masks by these numbers. What is in neither failed and may be
 * tried again. */
struct sqs_deletion {
    unsigned deleted;
    unsigned refused; /* by the request's own fault, such as a receipt that is no longer valid */
};
bool sqs_reply_deletion(const char *bytes, size_t length, struct sqs_deletion *ret_deletion,
                        struct error *err) MUST_CHECK;

/* Of GetQueueAttributes: how many messages wait, approximately. */
bool sqs_reply_waiting(const char *bytes, size_t length, int64_t *ret_waiting, struct error *err) MUST_CHECK;

/* The name of an error without its namespace, such as QueueDoesNotExist; "" when there is none. Only letters, digits, '.' and
 * '_'. */
void sqs_reply_error_type(const char *bytes, size_t length, char ret_type[SQS_TYPE_SIZE]);

#endif
