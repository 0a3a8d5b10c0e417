/* A queue of Amazon SQS, or of a server that speaks its JSON protocol: receive, delete, look.
 *
 * Requests are signed by Signature Version 4 for service `sqs`. Every failure is ERROR_SQS_UNAVAILABLE, ERROR_SQS_REFUSED or
 * ERROR_SQS_BAD_REPLY. One client belongs to one thread. Allocates by xalloc.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html.
 */
#ifndef SLUICE_COMMON_SQS_CLIENT_H
#define SLUICE_COMMON_SQS_CLIENT_H

#include "common/config.h"
#include "common/sqs_reply.h"

struct sqs_client;

struct sqs_options {
    const char *queue_url;
    const char *region;
    const char *access_key;
    const char *secret_key;
    const char *session_token;  /* NULL or "": none */
    int64_t wait_s;             /* of a receive; 0 to 20 */
    int64_t visibility_s;       /* how long what was received stays hidden from others */
    bool (*is_cancelled)(void); /* ends a receive that waits; NULL: never */
};

/* What the settings say, for a queue that is set. */
struct sqs_options sqs_options_of(const struct config *config);

/* ERROR_CONFIG when the settings of a queue are not what they must be; true when there is none. */
bool sqs_options_check(const struct config *config, struct error *err) MUST_CHECK;

/* Copies the texts. ERROR_CONFIG when the URL is none. */
bool sqs_client_new(const struct sqs_options *options, struct sqs_client **ret_client, struct error *err) MUST_CHECK;
void sqs_client_free(struct sqs_client *client);
DEFINE_CLEANUP(struct sqs_client *, sqs_client)

/* Waits for up to SQS_BATCH_MAX messages, at most wait_s. The caller frees them. Never sent twice: what an answer that was lost
 * would have brought comes again after visibility_s. */
bool sqs_client_receive(struct sqs_client *client, struct sqs_messages *ret_messages, struct error *err) MUST_CHECK;

/* Deletes those messages whose bit is set in `which`. */
bool sqs_client_delete(struct sqs_client *client, const struct sqs_messages *messages, unsigned which,
                       struct sqs_deletion *ret_deletion, struct error *err) MUST_CHECK;

/* How many messages wait, approximately; needs sqs:GetQueueAttributes. */
bool sqs_client_waiting(struct sqs_client *client, int64_t *ret_waiting, struct error *err) MUST_CHECK;

#endif
