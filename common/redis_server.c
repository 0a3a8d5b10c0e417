#include "common/redis_server.h"

#include "common/encode.h"
#include "common/redis_command.h"

#include <string.h>

bool redis_info(struct redis *redis, struct buf *out, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "INFO");
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    if (reply->type != REDIS_REPLY_STRING) {
        return redis_odd_reply(&command, err);
    }
    buf_append(out, reply->str, reply->len);
    return true;
}

void redis_info_value(const char *info, const char *name, char ret_value[REDIS_INFO_VALUE_SIZE]) {
    size_t name_length = strlen(name);
    *ret_value = '\0';
    for (const char *line = info; *line != '\0'; line += strspn(line, "\r\n")) {
        size_t length = strcspn(line, "\r\n");
        if (length > name_length && line[name_length] == ':' && memcmp(line, name, name_length) == 0 &&
            length - name_length - 1 < REDIS_INFO_VALUE_SIZE) {
            memcpy(ret_value, line + name_length + 1, length - name_length - 1);
            ret_value[length - name_length - 1] = '\0';
            return;
        }
        line += length;
    }
}

bool redis_clock_ms(struct redis *redis, int64_t *ret_ms, struct error *err) {
    struct redis_command command = {.repeatable = true};
    redis_command_text(&command, "TIME");
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, &command, &reply, err)) {
        return false;
    }
    int64_t seconds = 0;
    int64_t microseconds = 0;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING ||
        !parse_int64(reply->element[0]->str, 0, INT64_MAX / 1000 - 1000, &seconds) ||
        !parse_int64(reply->element[1]->str, 0, 999999, &microseconds)) {
        return redis_odd_reply(&command, err);
    }
    *ret_ms = seconds * 1000 + microseconds / 1000;
    return true;
}
