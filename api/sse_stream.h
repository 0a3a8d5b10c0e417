/* One client's event stream: its socket, what waits to be sent on it, and what it follows. Used by one thread. */
#ifndef SLUICE_API_SSE_STREAM_H
#define SLUICE_API_SSE_STREAM_H

#include "api/sse_event.h"

/* Why a stream ended; the label of its metric. */
enum sse_end { SSE_CLIENT_LEFT, SSE_CLIENT_SLOW, SSE_TOO_OLD, SSE_FILE_DELETED, SSE_SHUTDOWN, SSE_END_COUNT };
extern const char *const sse_end_names[SSE_END_COUNT];

struct sse_stream {
    int socket; /* owned */
    enum sse_scope scope;
    enum sse_form form;
    char *owner_id;
    char *id; /* of the file or album; NULL for SSE_OWNER */
    char request_id[REQUEST_ID_SIZE];
    struct outbox_position position; /* of what the client got so far, until it follows the hub's */
    bool has_joined;                 /* it follows the hub's position */
    bool has_ended;
    struct buf waiting;       /* what the socket has not taken yet */
    size_t sent;              /* of it */
    int64_t waiting_since_ms; /* monotonic */
    int64_t opened_ms;        /* monotonic */
    int64_t spoken_ms;        /* monotonic: when something was last sent */
};

/* Closes the socket. */
void sse_stream_free(struct sse_stream *stream);
DEFINE_CLEANUP(struct sse_stream *, sse_stream)

/* Makes the socket one that never blocks, holds little, and notices a client that is gone within timeout_ms. */
void sse_stream_prepare(const struct sse_stream *stream, int64_t timeout_ms);

/* Whether a change is one for this client. */
bool sse_stream_follows(const struct sse_stream *stream, const struct outbox_change *change);

/* Sends what the socket takes and keeps the rest; false when the client is gone, or when more than `limit` bytes wait. */
bool sse_stream_send(struct sse_stream *stream, const void *bytes, size_t length, size_t limit, int64_t now_ms,
                     enum sse_end *ret_end) MUST_CHECK;

/* Sends what waits, as far as the socket takes it. */
bool sse_stream_flush(struct sse_stream *stream, int64_t now_ms, enum sse_end *ret_end) MUST_CHECK;
bool sse_stream_is_waiting(const struct sse_stream *stream);

/* Drops what the client says; false when it has closed. */
bool sse_stream_listen(const struct sse_stream *stream) MUST_CHECK;

#endif
