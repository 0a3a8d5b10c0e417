#include "processor/outbox_listener.h"

#include "common/outbox.h"

enum { TIMEOUT_MS = 500, TRY_EVERY_MS = 5000 };

void outbox_listener_open(struct outbox_listener *listener, const char *redis_url) {
    struct error err = {0};
    *listener = (struct outbox_listener){.redis.name = "redis"};
    if (!redis_subscriber_new(redis_url, OUTBOX_CHANNEL, TIMEOUT_MS, &listener->subscriber, &err)) {
        dependency_failed(&listener->redis, &err);
    }
}

void outbox_listener_close(struct outbox_listener *listener) {
    redis_subscriber_free(listener->subscriber);
    listener->subscriber = NULL;
}

int outbox_listener_descriptor(struct outbox_listener *listener, int64_t now_ms) {
    struct error err = {0};
    if (listener->subscriber == NULL) {
        return -1;
    }
    int descriptor = redis_subscriber_descriptor(listener->subscriber);
    if (descriptor >= 0 || now_ms < listener->next_try_ms) {
        return descriptor;
    }
    listener->next_try_ms = now_ms + TRY_EVERY_MS;
    if (redis_subscriber_open(listener->subscriber, &err)) {
        dependency_works(&listener->redis);
    } else {
        dependency_failed(&listener->redis, &err);
    }
    return redis_subscriber_descriptor(listener->subscriber);
}

bool outbox_listener_heard(struct outbox_listener *listener) {
    struct error err = {0};
    size_t messages = 0;
    if (listener->subscriber == NULL || redis_subscriber_descriptor(listener->subscriber) < 0) {
        return false;
    }
    if (!redis_subscriber_read(listener->subscriber, &messages, &err)) {
        dependency_failed(&listener->redis, &err);
    }
    return messages > 0;
}
