/* The hub's inside, shared by its loop (sse_hub.c) and by what reads and sends (sse_feed.c). Private to these. */
#ifndef SLUICE_API_SSE_HUB_PRIVATE_H
#define SLUICE_API_SSE_HUB_PRIVATE_H

#include "api/sse_hub.h"
#include "api/sse_places.h"
#include "common/redis_subscriber.h"

struct sse_hub {
    const struct api *api;
    pthread_t thread;
    bool is_running;
    int epoll;
    int wake; /* eventfd */
    atomic_bool is_stopping;
    atomic_bool has_announced;
    struct sse_places places;
    pthread_mutex_t lock; /* of the next two */
    struct sse_stream **arrived;
    size_t arrived_count;
    struct sse_watches watches;

    /* The thread's own. */
    struct db *db;
    struct redis *redis;
    struct redis_subscriber *subscriber;
    struct sse_stream **streams;
    size_t stream_count;
    struct outbox_position position; /* seen NULL: nobody listened so far */
    bool is_due;                     /* something has changed, or somebody has come */
    int64_t read_ms;                 /* monotonic: the last reading */
    int64_t tick_ms;                 /* monotonic: the last look at the clock for each stream */
    bool database_failed, redis_failed;
};

/* sse_feed.c */

/* Reads what is new and sends it; streams that came since join here. A failure is noted, and tried again later. */
void sse_feed_read(struct sse_hub *hub);

/* Sends bytes to a stream, or ends it. */
void sse_feed_send(struct sse_hub *hub, struct sse_stream *stream, const void *bytes, size_t length);

/* Makes epoll look at a stream's socket (EPOLL_CTL_ADD, EPOLL_CTL_MOD): for room only while something waits. */
void sse_feed_watch_socket(struct sse_hub *hub, struct sse_stream *stream, int operation);

/* Streams are ended by a mark, and freed when nobody is in the middle of their list. */
void sse_feed_end(struct sse_stream *stream, enum sse_end reason);

/* Says once that a dependency is missing, and once that it is back. */
void sse_feed_note_failure(bool *has_failed, const char *what, const struct error *err);
void sse_feed_note_success(bool *has_failed, const char *what);

#endif
