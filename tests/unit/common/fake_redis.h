/* A Redis that answers each command with the next canned reply and notes the commands, one a line. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_REDIS_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_REDIS_H

#include "fake_server.h"

#include "common/redis.h"
#include "common/xalloc.h"

/* `*2` or `$5`: the number after the letter; -1 at the end of the connection. */
static inline long fake_redis_number(FILE *input) {
    char line[32];
    return fgets(line, sizeof line, input) == NULL ? -1 : strtol(line + 1, NULL, 10);
}

static inline bool fake_redis_read_command(FILE *input, struct buf *line) {
    long words = fake_redis_number(input);
    for (long i = 0; i < words; i++) {
        long length = fake_redis_number(input);
        if (length < 0) {
            return false;
        }
        _cleanup_(freep) char *word = xcalloc((size_t)length + 3, 1);
        if (fread(word, 1, (size_t)length + 2, input) != (size_t)length + 2) {
            return false;
        }
        buf_append_text(line, i == 0 ? "" : " ");
        buf_append(line, word, (size_t)length);
    }
    buf_append_text(line, "\n");
    return words > 0;
}

static inline void fake_redis_serve(struct fake_server *server, FILE *input, int output) {
    for (;;) {
        _cleanup_(buf_free) struct buf command = {0};
        if (!fake_redis_read_command(input, &command)) {
            return;
        }
        buf_append_text(&server->requests, command.data);
        const char *answer = fake_server_answer(server);
        if (!fake_server_send(input, output, answer, strlen(answer))) {
            return;
        }
    }
}

static inline struct redis *fake_redis_start(struct fake_server *server, const char *const *replies) {
    fake_server_start(server, replies, fake_redis_serve);
    _cleanup_(freep) char *url = xasprintf("redis://127.0.0.1:%d", server->port);
    struct redis *redis = NULL;
    if (!redis_new(url, 300, &redis, NULL)) {
        abort();
    }
    return redis;
}

/* Frees the client, ends the server, and gives the commands that it got; the caller frees them. */
static inline char *fake_redis_stop(struct fake_server *server, struct redis *redis) {
    redis_free(redis);
    fake_server_stop(server);
    return buf_take(&server->requests);
}

#endif
