#include "common/redis.h"

#include "common/crypto.h"
#include "common/redis_command.h"

#include <inttypes.h>
#include <string.h>

bool redis_ping(struct redis *redis, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "PING");
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    return reply->type == REDIS_REPLY_STATUS || redis_odd_reply(&command, err);
}

bool redis_publish(struct redis *redis, const char *channel, const char *message, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "PUBLISH");
    redis_command_text(&command, channel);
    redis_command_text(&command, message);
    int64_t listeners = 0;
    return redis_integer_reply(redis, &command, &listeners, err);
}

bool redis_get(struct redis *redis, const char *key, struct buf *ret_value, bool *ret_found, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "GET");
    redis_command_text(&command, key);
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL) {
        return redis_odd_reply(&command, err);
    }
    *ret_found = reply->type == REDIS_REPLY_STRING;
    if (*ret_found) {
        buf_clear(ret_value);
        buf_append(ret_value, reply->str, reply->len);
    }
    return true;
}

bool redis_set_expiring(struct redis *redis, const char *key, const void *bytes, size_t length, int64_t ttl_s,
                        struct error *err) {
    char ttl[24];
    snprintf(ttl, sizeof ttl, "%" PRId64, ttl_s);
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "SETEX");
    redis_command_text(&command, key);
    redis_command_text(&command, ttl);
    redis_command_bytes(&command, bytes, length);
    return redis_ok_reply(redis, &command, err);
}

bool redis_delete(struct redis *redis, const char *key, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "DEL");
    redis_command_text(&command, key);
    int64_t deleted = 0;
    return redis_integer_reply(redis, &command, &deleted, err);
}

static void script_command(struct redis_command *command, const char *verb, const char *script, size_t key_count,
                           const char *const *arguments, size_t argument_count, char ret_key_count[24]) {
    *command = (struct redis_command){0};
    snprintf(ret_key_count, 24, "%zu", key_count);
    redis_command_text(command, verb);
    redis_command_text(command, script);
    redis_command_text(command, ret_key_count);
    for (size_t i = 0; i < argument_count; i++) {
        redis_command_text(command, arguments[i]);
    }
}

bool redis_script(struct redis *redis, const char *script, size_t key_count, const char *const *keys_and_args,
                  size_t argument_count, int64_t *ret_number, struct error *err) {
    char sha1[SHA1_HEX_SIZE];
    sha1_hex_of(script, strlen(script), sha1);
    char keys[24];
    struct redis_command command;
    struct error problem = {0};
    script_command(&command, "EVALSHA", sha1, key_count, keys_and_args, argument_count, keys);
    if (redis_integer_reply(redis, &command, ret_number, &problem)) {
        return true;
    }
    if (strstr(problem.message, "NOSCRIPT") == NULL) {
        return error_set(err, problem.code, "%s", problem.message);
    }
    script_command(&command, "EVAL", script, key_count, keys_and_args, argument_count, keys);
    return redis_integer_reply(redis, &command, ret_number, err);
}
