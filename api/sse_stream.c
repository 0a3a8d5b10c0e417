#include "api/sse_stream.h"

#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum { SEND_BUFFER_BYTES = 32 << 10, WASTE_BYTES = 1024 };

const char *const sse_end_names[SSE_END_COUNT] = {"client", "slow", "age", "deleted", "shutdown"};

void sse_stream_free(struct sse_stream *stream) {
    if (stream != NULL) {
        closep(&stream->socket);
        free(stream->owner_id);
        free(stream->id);
        outbox_position_free(&stream->position);
        buf_free(&stream->waiting);
        free(stream);
    }
}

void sse_stream_prepare(const struct sse_stream *stream, int64_t timeout_ms) {
    int flags = fcntl(stream->socket, F_GETFL);
    fcntl(stream->socket, F_SETFL, flags | O_NONBLOCK);
    int size = SEND_BUFFER_BYTES;
    setsockopt(stream->socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    unsigned timeout = (unsigned)timeout_ms;
    setsockopt(stream->socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

static bool same(const char *left, const char *right) {
    return left != NULL && right != NULL && strcmp(left, right) == 0;
}

bool sse_stream_follows(const struct sse_stream *stream, const struct outbox_change *change) {
    if (!same(stream->owner_id, change->owner_id)) {
        return false;
    }
    switch (stream->scope) {
    case SSE_FILE:
        return same(stream->id, change->file_id);
    case SSE_ALBUM:
        return same(stream->id, change->album_id);
    case SSE_OWNER:
        break;
    }
    return true;
}

bool sse_stream_is_waiting(const struct sse_stream *stream) {
    return stream->sent < stream->waiting.length;
}

/* How much the socket took; -1: the client is gone. */
static ssize_t send_some(const struct sse_stream *stream, const char *bytes, size_t length) {
    ssize_t sent = send(stream->socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return 0;
    }
    return sent;
}

bool sse_stream_flush(struct sse_stream *stream, int64_t now_ms, enum sse_end *ret_end) {
    if (!sse_stream_is_waiting(stream)) {
        return true;
    }
    ssize_t sent = send_some(stream, stream->waiting.data + stream->sent, stream->waiting.length - stream->sent);
    if (sent < 0) {
        *ret_end = SSE_CLIENT_LEFT;
        return false;
    }
    stream->sent += (size_t)sent;
    stream->waiting_since_ms = sent > 0 ? now_ms : stream->waiting_since_ms;
    if (!sse_stream_is_waiting(stream)) {
        buf_free(&stream->waiting);
        stream->sent = 0;
    }
    return true;
}

/* So that the buffer of a client that never catches up quite does not grow. */
static void drop_sent(struct sse_stream *stream) {
    if (stream->sent > 0) {
        stream->waiting.length -= stream->sent;
        memmove(stream->waiting.data, stream->waiting.data + stream->sent, stream->waiting.length);
        stream->sent = 0;
    }
}

bool sse_stream_send(struct sse_stream *stream, const void *bytes, size_t length, size_t limit, int64_t now_ms,
                     enum sse_end *ret_end) {
    ssize_t sent = 0;
    stream->spoken_ms = now_ms;
    if (!sse_stream_is_waiting(stream)) {
        sent = send_some(stream, bytes, length);
        stream->waiting_since_ms = now_ms;
    }
    if (sent < 0) {
        *ret_end = SSE_CLIENT_LEFT;
        return false;
    }
    if ((size_t)sent < length) {
        drop_sent(stream);
        buf_append(&stream->waiting, (const char *)bytes + sent, length - (size_t)sent);
    }
    if (stream->waiting.length - stream->sent > limit) {
        *ret_end = SSE_CLIENT_SLOW;
        return false;
    }
    return true;
}

bool sse_stream_listen(const struct sse_stream *stream) {
    char waste[WASTE_BYTES];
    ssize_t length = 0;
    do {
        length = recv(stream->socket, waste, sizeof waste, MSG_DONTWAIT);
    } while (length > 0);
    return length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}
