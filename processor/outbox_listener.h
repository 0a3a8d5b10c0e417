/* Hears that the outbox has something new, from the Redis channel of whoever wrote it. A message may be lost, and Redis may
 * be away: whoever listens looks by itself now and then. Not thread-safe. */
#ifndef SLUICE_PROCESSOR_OUTBOX_LISTENER_H
#define SLUICE_PROCESSOR_OUTBOX_LISTENER_H

#include "common/redis_subscriber.h"
#include "processor/dependency.h"

struct outbox_listener {
    struct redis_subscriber *subscriber; /* NULL: the URL is none */
    struct dependency redis;
    int64_t next_try_ms;
};

void outbox_listener_open(struct outbox_listener *listener, const char *redis_url);
void outbox_listener_close(struct outbox_listener *listener);

/* What becomes readable when there is something to hear; connects now and then if it is not. -1: nothing will be heard. */
int outbox_listener_descriptor(struct outbox_listener *listener, int64_t now_ms);

/* Takes in what has come, without waiting: whether there is something new. */
bool outbox_listener_heard(struct outbox_listener *listener);

#endif
