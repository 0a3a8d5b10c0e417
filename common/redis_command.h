/* Sending commands and judging replies: what redis.c gives to redis_lists.c and redis_pool.c. Private to redis*.c. */
#ifndef SLUICE_COMMON_REDIS_COMMAND_H
#define SLUICE_COMMON_REDIS_COMMAND_H

#include "common/redis.h"
#include "common/retry_gate.h"

#include <hiredis/hiredis.h>

enum { REDIS_MAX_ARGUMENTS = 24 };

/* One command: its words may hold any bytes. Zero-initialise, then add; the bytes must stay until it was sent. */
struct redis_command {
    int count;
    const char *words[REDIS_MAX_ARGUMENTS];
    size_t lengths[REDIS_MAX_ARGUMENTS];
    bool repeatable;    /* twice is as good as once */
    int64_t waiting_ms; /* time that the server itself may take before it answers */
};

void redis_command_text(struct redis_command *command, const char *word);
void redis_command_bytes(struct redis_command *command, const void *bytes, size_t length);

static inline void redis_reply_freep(redisReply **reply) {
    freeReplyObject(*reply);
}

/* Sends a command, connecting if needed, and waits for its reply; an error reply is a failure. */
bool redis_call(struct redis *redis, const struct redis_command *command, redisReply **ret_reply,
                struct error *err) MUST_CHECK;

/* Sends a command `count` times in one go; each reply must then be read by redis_next_reply. */
bool redis_send(struct redis *redis, const struct redis_command *command, size_t count, struct error *err) MUST_CHECK;
bool redis_next_reply(struct redis *redis, const struct redis_command *command, redisReply **ret_reply,
                      struct error *err) MUST_CHECK;
/* False once the connection was lost: there are no more replies to read. */
bool redis_is_connected(const struct redis *redis);

/* For what is read otherwise than as the answer to a command: hiredis' own handle, NULL while not connected, and the door
 * for its failures, which says why, closes the connection and returns false. */
redisContext *redis_context(const struct redis *redis);
bool redis_lost(struct redis *redis, const char *what, struct error *err);

/* Whether something can be received without waiting; and receives it, for hiredis' reader. While connected. */
bool redis_has_bytes(const struct redis *redis);
bool redis_receive(struct redis *redis) MUST_CHECK;

/* The complaint about a reply of a type that the command never has. */
bool redis_odd_reply(const struct redis_command *command, struct error *err);

bool redis_integer_reply(struct redis *redis, const struct redis_command *command, int64_t *ret_number,
                         struct error *err) MUST_CHECK;
bool redis_ok_reply(struct redis *redis, const struct redis_command *command, struct error *err) MUST_CHECK;

/* Makes the connection share its knowledge of a server that is down; the gate must outlive it. */
void redis_share_gate(struct redis *redis, struct retry_gate *gate);

#endif
