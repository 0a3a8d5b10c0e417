/* One connection that listens on one Redis channel (SUBSCRIBE), for a loop that waits on descriptors.
 *
 * Messages may be lost: while it is not connected, and when the server drops a listener. Whoever uses it looks by itself
 * now and then. Not thread-safe. */
#ifndef SLUICE_COMMON_REDIS_SUBSCRIBER_H
#define SLUICE_COMMON_REDIS_SUBSCRIBER_H

#include "common/redis.h"

struct redis_subscriber;

/* Connects to nothing yet. `channel` is copied. ERROR_CONFIG for a URL that is none. */
bool redis_subscriber_new(const char *url, const char *channel, int64_t timeout_ms,
                          struct redis_subscriber **ret_subscriber, struct error *err) MUST_CHECK;
void redis_subscriber_free(struct redis_subscriber *subscriber);
DEFINE_CLEANUP(struct redis_subscriber *, redis_subscriber)

/* Connects and subscribes unless it is; waits up to timeout_ms for each. ERROR_REDIS_UNAVAILABLE. */
bool redis_subscriber_open(struct redis_subscriber *subscriber, struct error *err) MUST_CHECK;

/* What becomes readable when a message or the end of the connection comes; -1 while not connected. */
int redis_subscriber_descriptor(const struct redis_subscriber *subscriber);

/* Takes in what has come, without waiting: how many messages. ERROR_REDIS_UNAVAILABLE closes the connection. */
bool redis_subscriber_read(struct redis_subscriber *subscriber, size_t *ret_messages, struct error *err) MUST_CHECK;

#endif
