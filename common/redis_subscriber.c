#include "common/redis_subscriber.h"

#include "common/redis_command.h"
#include "common/xalloc.h"

#include <string.h>

struct redis_subscriber {
    struct redis *redis;
    char *channel;
};

bool redis_subscriber_new(const char *url, const char *channel, int64_t timeout_ms,
                          struct redis_subscriber **ret_subscriber, struct error *err) {
    _cleanup_(redis_subscriber_freep) struct redis_subscriber *subscriber = xcalloc(1, sizeof *subscriber);
    subscriber->channel = xstrdup(channel);
    if (!redis_new(url, timeout_ms, &subscriber->redis, err)) {
        return false;
    }
    *ret_subscriber = take_ptr(subscriber);
    return true;
}

void redis_subscriber_free(struct redis_subscriber *subscriber) {
    if (subscriber != NULL) {
        redis_free(subscriber->redis);
        free(subscriber->channel);
        free(subscriber);
    }
}

bool redis_subscriber_open(struct redis_subscriber *subscriber, struct error *err) {
    if (redis_is_connected(subscriber->redis)) {
        return true;
    }
    struct redis_command command = {0};
    redis_command_text(&command, "SUBSCRIBE");
    redis_command_text(&command, subscriber->channel);
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(subscriber->redis, &command, &reply, err)) {
        return false;
    }
    return reply->type == REDIS_REPLY_ARRAY || redis_odd_reply(&command, err);
}

int redis_subscriber_descriptor(const struct redis_subscriber *subscriber) {
    const redisContext *context = redis_context(subscriber->redis);
    return context == NULL ? -1 : context->fd;
}

/* ["message", channel, text] */
static bool is_message(const redisReply *reply) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 && reply->element[0]->str != NULL &&
           strcmp(reply->element[0]->str, "message") == 0;
}

/* What hiredis holds already; the first may have come together with the answer to SUBSCRIBE. */
static bool count_messages(redisContext *context, size_t *messages) {
    void *reply = NULL;
    while (redisGetReplyFromReader(context, &reply) == REDIS_OK) {
        if (reply == NULL) {
            return true;
        }
        *messages += is_message(reply);
        freeReplyObject(reply);
    }
    return false;
}

bool redis_subscriber_read(struct redis_subscriber *subscriber, size_t *ret_messages, struct error *err) {
    redisContext *context = redis_context(subscriber->redis);
    size_t messages = 0;
    bool is_intact = context == NULL || count_messages(context, &messages);
    while (is_intact && context != NULL && redis_has_bytes(subscriber->redis)) {
        is_intact = redis_receive(subscriber->redis) && count_messages(context, &messages);
    }
    *ret_messages = messages;
    return is_intact || redis_lost(subscriber->redis, "SUBSCRIBE", err);
}
