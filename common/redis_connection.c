#include "common/clock.h"
#include "common/redis_command.h"
#include "common/redis_tls.h"
#include "common/redis_url.h"
#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    UNCOPIED_BYTES = 16384, /* a last word of so many bytes is sent from where it lies */
    TLS_PIECE = 16384,      /* of what is received; a record of TLS */
};

struct redis {
    struct redis_url url;
    int64_t timeout_ms;
    redisContext *context; /* NULL while not connected */
    struct redis_tls *tls; /* NULL: none; then hiredis sends and receives */
    uint64_t generation;
    struct retry_gate own_gate;
    struct retry_gate *gate; /* the own one, or that of a pool */
};

bool redis_new(const char *url, int64_t timeout_ms, struct redis **ret_redis, struct error *err) {
    _cleanup_(redis_freep) struct redis *redis = xcalloc(1, sizeof *redis);
    redis->timeout_ms = timeout_ms;
    redis->gate = &redis->own_gate;
    if (!redis_url_parse(url, &redis->url, err)) {
        return false;
    }
    *ret_redis = take_ptr(redis);
    return true;
}

static void disconnect(struct redis *redis) {
    redis_tls_free(take_ptr(redis->tls));
    if (redis->context != NULL) {
        redisFree(take_ptr(redis->context));
    }
}

void redis_free(struct redis *redis) {
    if (redis != NULL) {
        disconnect(redis);
        redis_url_free(&redis->url);
        free(redis);
    }
}

uint64_t redis_generation(const struct redis *redis) {
    return redis->generation;
}

void redis_share_gate(struct redis *redis, struct retry_gate *gate) {
    redis->gate = gate;
}

redisContext *redis_context(const struct redis *redis) {
    return redis->context;
}

bool redis_is_connected(const struct redis *redis) {
    return redis->context != NULL;
}

void redis_command_bytes(struct redis_command *command, const void *bytes, size_t length) {
    if (command->count == REDIS_MAX_ARGUMENTS) {
        abort(); /* a mistake in the program that no caller can handle */
    }
    command->words[command->count] = bytes == NULL ? "" : bytes;
    command->lengths[command->count] = length;
    command->count++;
}

void redis_command_text(struct redis_command *command, const char *word) {
    redis_command_bytes(command, word, strlen(word));
}

static struct timeval timeval_of(int64_t duration_ms) {
    return (struct timeval){.tv_sec = duration_ms / 1000, .tv_usec = duration_ms % 1000 * 1000};
}

bool redis_lost(struct redis *redis, const char *what, struct error *err) {
    const char *reason = "not connected";
    if (redis->context != NULL) {
        bool silent = redis->context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);
        reason = silent ? "no answer in time" : redis->context->errstr;
    }
    error_set(err, ERROR_REDIS_UNAVAILABLE, "%s: %.100s", what, reason);
    disconnect(redis);
    return false;
}

/* As hiredis reports it. */
static void note_failure(struct redis *redis, const char *reason) {
    redis->context->err = REDIS_ERR_IO;
    snprintf(redis->context->errstr, sizeof redis->context->errstr, "%s", reason);
}

static bool cannot_send(struct redis *redis, const struct redis_command *command, struct error *err) {
    note_failure(redis, strerror(errno));
    return redis_lost(redis, command->words[0], err);
}

/* Words before the last one as they are sent, and the announcement of the last. */
static void append_head(const struct redis_command *command, struct buf *head) {
    int last = command->count - 1;
    buf_printf(head, "*%d\r\n", command->count);
    for (int i = 0; i < last; i++) {
        buf_printf(head, "$%zu\r\n", command->lengths[i]);
        buf_append(head, command->words[i], command->lengths[i]);
        buf_append_text(head, "\r\n");
    }
    buf_printf(head, "$%zu\r\n", command->lengths[last]);
}

static bool send_by_tls(struct redis *redis, const struct redis_command *command, size_t count, struct error *err) {
    int last = command->count - 1;
    _cleanup_(buf_free) struct buf bytes = {0};
    for (size_t i = 0; i < count; i++) {
        append_head(command, &bytes);
        buf_append(&bytes, command->words[last], command->lengths[last]);
        buf_append_text(&bytes, "\r\n");
    }
    return redis_tls_write(redis->tls, bytes.data, bytes.length) || cannot_send(redis, command, err);
}

static bool append(struct redis *redis, const struct redis_command *command, size_t count, struct error *err) {
    if (redis->tls != NULL) {
        return send_by_tls(redis, command, count, err);
    }
    for (size_t i = 0; i < count; i++) {
        if (redisAppendCommandArgv(redis->context, command->count, (const char **)command->words, command->lengths) !=
            REDIS_OK) {
            return redis_lost(redis, command->words[0], err);
        }
    }
    return true;
}

bool redis_receive(struct redis *redis) {
    if (redis->tls == NULL) {
        return redisBufferRead(redis->context) == REDIS_OK;
    }
    char piece[TLS_PIECE];
    ssize_t length = redis_tls_read(redis->tls, piece, sizeof piece);
    if (length <= 0) {
        note_failure(redis, length == 0 ? "Server closed the connection" : strerror(errno));
        return false;
    }
    return redisReaderFeed(redis->context->reader, piece, (size_t)length) == REDIS_OK;
}

bool redis_has_bytes(const struct redis *redis) {
    struct pollfd socket = {.fd = redis->context->fd, .events = POLLIN};
    return (redis->tls != NULL && redis_tls_has_more(redis->tls)) || poll(&socket, 1, 0) > 0;
}

/* The next reply, waited for; false and the failure in the context. */
static bool receive_reply(struct redis *redis, redisReply **ret_reply) {
    void *reply = NULL;
    errno = 0;
    if (redis->tls == NULL) {
        if (redisGetReply(redis->context, &reply) != REDIS_OK || reply == NULL) {
            return false;
        }
    }
    while (reply == NULL) {
        if (redisGetReplyFromReader(redis->context, &reply) != REDIS_OK || (reply == NULL && !redis_receive(redis))) {
            return false;
        }
    }
    *ret_reply = reply;
    return true;
}

/* AUTH and SELECT. Some servers repeat the words of a command in their complaint: only its first word is kept. */
static bool introduce(struct redis *redis, const struct redis_command *command, struct error *err) {
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!append(redis, command, 1, err) || !receive_reply(redis, &reply)) {
        return redis_lost(redis, command->words[0], err);
    }
    if (reply->type == REDIS_REPLY_STATUS) {
        return true;
    }
    const char *complaint = reply->type == REDIS_REPLY_ERROR ? reply->str : "odd reply";
    error_set(err, ERROR_REDIS_UNAVAILABLE, "%s: refused (%.*s)", command->words[0], (int)strcspn(complaint, " "),
              complaint);
    disconnect(redis);
    return false;
}

static bool authenticate(struct redis *redis, struct error *err) {
    if (redis->url.password == NULL) {
        return true;
    }
    struct redis_command command = {0};
    redis_command_text(&command, "AUTH");
    if (redis->url.user != NULL) {
        redis_command_text(&command, redis->url.user);
    }
    redis_command_text(&command, redis->url.password);
    return introduce(redis, &command, err);
}

static bool select_database(struct redis *redis, struct error *err) {
    if (redis->url.database == 0) {
        return true;
    }
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)redis->url.database);
    struct redis_command command = {0};
    redis_command_text(&command, "SELECT");
    redis_command_text(&command, number);
    return introduce(redis, &command, err);
}

/* Before anything else is said. The answer to PING comes behind the tickets that the server sends for later connections, so
 * that what is readable afterwards is news. */
static bool start_tls(struct redis *redis, struct error *err) {
    return !redis->url.tls || redis_tls_open(redis->context->fd, redis->url.host, redis->url.ca_file, &redis->tls, err);
}

static bool settle_tls(struct redis *redis, struct error *err) {
    struct redis_command command = {0};
    redis_command_text(&command, "PING");
    return redis->tls == NULL || introduce(redis, &command, err);
}

static bool open_now(struct redis *redis, struct error *err) {
    redis->context = redisConnectWithTimeout(redis->url.host, redis->url.port, timeval_of(redis->timeout_ms));
    if (redis->context == NULL) {
        return error_set(err, ERROR_REDIS_UNAVAILABLE, "cannot connect: out of memory");
    }
    if (redis->context->err != 0) {
        return redis_lost(redis, "cannot connect", err);
    }
    fcntl(redis->context->fd, F_SETFD, FD_CLOEXEC);
    redisEnableKeepAlive(redis->context);
    redisSetTimeout(redis->context, timeval_of(redis->timeout_ms));
    redis->generation++;
    if (!start_tls(redis, err)) {
        disconnect(redis);
        return false;
    }
    return authenticate(redis, err) && select_database(redis, err) && settle_tls(redis, err);
}

/* Between commands a server has nothing to say but that it closes the connection. */
static bool is_alive(const struct redis *redis) {
    if (redis->context == NULL) {
        return false;
    }
    struct pollfd socket = {.fd = redis->context->fd, .events = POLLIN};
    return poll(&socket, 1, 0) == 0;
}

static bool connect_if_needed(struct redis *redis, struct error *err) {
    if (is_alive(redis)) {
        return true;
    }
    disconnect(redis);
    if (!retry_gate_enter(redis->gate, clock_monotonic_ms(), redis->timeout_ms)) {
        return error_set(err, ERROR_REDIS_UNAVAILABLE, "cannot connect: an attempt failed a moment ago");
    }
    bool opened = open_now(redis, err);
    retry_gate_report(redis->gate, clock_monotonic_ms(), opened);
    return opened;
}

bool redis_odd_reply(const struct redis_command *command, struct error *err) {
    return error_set(err, ERROR_REDIS_UNAVAILABLE, "%s: a reply of a type that it never has", command->words[0]);
}

/* Fails on an error reply. After READONLY and LOADING the address may lead to a server that can. */
static bool check_reply(struct redis *redis, const struct redis_command *command, const redisReply *reply,
                        struct error *err) {
    if (reply->type != REDIS_REPLY_ERROR) {
        return true;
    }
    error_set(err, ERROR_REDIS_UNAVAILABLE, "%s: %.150s", command->words[0], reply->str);
    if (strncmp(reply->str, "READONLY", 8) == 0 || strncmp(reply->str, "LOADING", 7) == 0) {
        disconnect(redis);
    }
    return false;
}

bool redis_next_reply(struct redis *redis, const struct redis_command *command, redisReply **ret_reply,
                      struct error *err) {
    if (redis->context == NULL || !receive_reply(redis, ret_reply)) {
        return redis_lost(redis, command->words[0], err);
    }
    return check_reply(redis, command, *ret_reply, err);
}

/* Sends a command from where its bytes lie: hiredis copies them twice. Nothing else waits to be sent. */
static bool send_uncopied(struct redis *redis, const struct redis_command *command, struct error *err) {
    int last = command->count - 1;
    _cleanup_(buf_free) struct buf head = {0};
    if (redis->context == NULL) {
        return redis_lost(redis, command->words[0], err);
    }
    append_head(command, &head);
    struct iovec parts[] = {{head.data, head.length},
                            {(void *)(uintptr_t)command->words[last], command->lengths[last]},
                            {(void *)(uintptr_t) "\r\n", 2}};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    for (size_t first = 0; first < PARTS;) {
        struct msghdr message = {.msg_iov = parts + first, .msg_iovlen = PARTS - first};
        ssize_t sent = sendmsg(redis->context->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return cannot_send(redis, command, err);
        }
        for (size_t left = sent < 0 ? 0 : (size_t)sent; first < PARTS;) {
            size_t taken = left < parts[first].iov_len ? left : parts[first].iov_len;
            parts[first].iov_base = (char *)parts[first].iov_base + taken;
            parts[first].iov_len -= taken;
            left -= taken;
            if (parts[first].iov_len > 0) {
                break;
            }
            first++;
        }
    }
    return true;
}

static bool send_one(struct redis *redis, const struct redis_command *command, struct error *err) {
    bool is_large = redis->tls == NULL && command->lengths[command->count - 1] >= UNCOPIED_BYTES;
    return is_large ? send_uncopied(redis, command, err) : append(redis, command, 1, err);
}

bool redis_send(struct redis *redis, const struct redis_command *command, size_t count, struct error *err) {
    return connect_if_needed(redis, err) && append(redis, command, count, err);
}

static bool call_once(struct redis *redis, const struct redis_command *command, redisReply **ret_reply,
                      struct error *err) {
    if (!send_one(redis, command, err)) {
        return false;
    }
    if (command->waiting_ms > 0) {
        redisSetTimeout(redis->context, timeval_of(command->waiting_ms + redis->timeout_ms));
    }
    bool answered = redis_next_reply(redis, command, ret_reply, err);
    if (command->waiting_ms > 0 && redis->context != NULL) {
        redisSetTimeout(redis->context, timeval_of(redis->timeout_ms));
    }
    return answered;
}

bool redis_call(struct redis *redis, const struct redis_command *command, redisReply **ret_reply, struct error *err) {
    uint64_t kept_generation = redis->generation;
    if (!connect_if_needed(redis, err)) {
        return false;
    }
    bool kept = redis->generation == kept_generation;
    int64_t started_ms = clock_monotonic_ms();
    if (call_once(redis, command, ret_reply, err)) {
        return true;
    }
    /* An error reply is an answer, and a server that was silent for so long would be silent again. */
    bool broke = *ret_reply == NULL && clock_monotonic_ms() - started_ms < redis->timeout_ms;
    return command->repeatable && kept && broke && connect_if_needed(redis, err) &&
           call_once(redis, command, ret_reply, err);
}

bool redis_integer_reply(struct redis *redis, const struct redis_command *command, int64_t *ret_number,
                         struct error *err) {
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, command, &reply, err)) {
        return false;
    }
    if (reply->type != REDIS_REPLY_INTEGER) {
        return redis_odd_reply(command, err);
    }
    *ret_number = reply->integer;
    return true;
}

bool redis_ok_reply(struct redis *redis, const struct redis_command *command, struct error *err) {
    _cleanup_(redis_reply_freep) redisReply *reply = NULL;
    if (!redis_call(redis, command, &reply, err)) {
        return false;
    }
    return (reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "OK") == 0) || redis_odd_reply(command, err);
}
