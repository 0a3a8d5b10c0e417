#include "common/redis_command.h"
#include "common/xalloc.h"

#include <inttypes.h>
#include <string.h>

enum { NUMBER_SIZE = 24 };

void redis_elements_free(struct redis_elements *elements) {
    for (size_t i = 0; i < elements->count; i++) {
        buf_free(&elements->items[i]);
    }
    free(elements->items);
    *elements = (struct redis_elements){0};
}

static void add_element(struct redis_elements *elements, const redisReply *reply) {
    elements->items = xrealloc(elements->items, (elements->count + 1) * sizeof *elements->items);
    struct buf *item = &elements->items[elements->count++];
    *item = (struct buf){0};
    buf_append(item, reply->str, reply->len);
}

bool redis_push(struct redis *redis, const char *list, const void *bytes, size_t length, struct error *err) {
    struct redis_command command = {0};
    redis_command_text(&command, "RPUSH");
    redis_command_text(&command, list);
    redis_command_bytes(&command, bytes, length);
    int64_t list_length = 0;
    return redis_integer_reply(redis, &command, &list_length, err);
}

bool redis_list_length(struct redis *redis, const char *list, int64_t *ret_length, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "LLEN");
    redis_command_text(&command, list);
    return redis_integer_reply(redis, &command, ret_length, err);
}

bool redis_range(struct redis *redis, const char *list, size_t count, struct redis_elements *ret_elements,
                 struct error *err) {
    char last[NUMBER_SIZE];
    snprintf(last, sizeof last, "%" PRId64, (int64_t)count - 1);
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "LRANGE");
    redis_command_text(&command, list);
    redis_command_text(&command, "0");
    redis_command_text(&command, last);
    *ret_elements = (struct redis_elements){0};
    if (count == 0) {
        return true;
    }
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    if (reply->type != REDIS_REPLY_ARRAY) {
        return redis_odd_reply(&command, err);
    }
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    for (size_t i = 0; i < reply->elements; i++) {
        if (reply->element[i]->type != REDIS_REPLY_STRING) {
            return redis_odd_reply(&command, err);
        }
        add_element(&elements, reply->element[i]);
    }
    *ret_elements = elements;
    elements = (struct redis_elements){0};
    return true;
}

bool redis_drop_head(struct redis *redis, const char *list, size_t count, struct error *err) {
    char first[NUMBER_SIZE];
    snprintf(first, sizeof first, "%zu", count);
    struct redis_command command = {0};
    redis_command_text(&command, "LTRIM");
    redis_command_text(&command, list);
    redis_command_text(&command, first);
    redis_command_text(&command, "-1");
    return redis_ok_reply(redis, &command, err);
}

bool redis_move(struct redis *redis, const char *from, const char *to, size_t count,
                struct redis_elements *ret_elements, struct error *err) {
    struct redis_command command = {0};
    redis_command_text(&command, "LMOVE");
    redis_command_text(&command, from);
    redis_command_text(&command, to);
    redis_command_text(&command, "LEFT");
    redis_command_text(&command, "RIGHT");
    *ret_elements = (struct redis_elements){0};
    if (!redis_send(redis, &command, count, err)) {
        return false;
    }
    bool all_good = true;
    for (size_t i = 0; i < count && redis_is_connected(redis); i++) {
        _cleanup_(redis_reply_freep) redisReply *reply = NULL;
        if (!redis_next_reply(redis, &command, &reply, err)) {
            all_good = false;
        } else if (reply->type == REDIS_REPLY_STRING) {
            add_element(ret_elements, reply);
        } else if (reply->type != REDIS_REPLY_NIL) {
            all_good = redis_odd_reply(&command, err);
        }
    }
    /* What was moved before a failure counts: it is on the list `to`, and nobody else would look for it there. The failure
     * shows itself again at the next call, a lost connection by its generation. */
    return all_good || ret_elements->count > 0;
}

bool redis_move_wait(struct redis *redis, const char *from, const char *to, int64_t timeout_ms,
                     struct redis_elements *ret_elements, struct error *err) {
    if (timeout_ms <= 0) {
        return redis_move(redis, from, to, 1, ret_elements, err); /* BLMOVE's 0 is for ever */
    }
    char seconds[NUMBER_SIZE];
    snprintf(seconds, sizeof seconds, "%" PRId64 ".%03d", timeout_ms / 1000, (int)(timeout_ms % 1000));
    struct redis_command command = {.waiting_ms = timeout_ms};
    redis_command_text(&command, "BLMOVE");
    redis_command_text(&command, from);
    redis_command_text(&command, to);
    redis_command_text(&command, "LEFT");
    redis_command_text(&command, "RIGHT");
    redis_command_text(&command, seconds);
    *ret_elements = (struct redis_elements){0};
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    if (reply->type == REDIS_REPLY_STRING) {
        add_element(ret_elements, reply);
        return true;
    }
    return reply->type == REDIS_REPLY_NIL || redis_odd_reply(&command, err);
}
