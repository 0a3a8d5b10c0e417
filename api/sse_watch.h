/* Requests that wait for a change of one file, each on a thread of its own (?wait). Thread-safe. */
#ifndef SLUICE_API_SSE_WATCH_H
#define SLUICE_API_SSE_WATCH_H

#include "common/outbox.h"

#include <pthread.h>

/* One that waits; its owner keeps it in place from add to remove, and the texts too. */
struct sse_watch {
    const char *owner_id, *file_id;
    bool has_news;
    pthread_cond_t changed;
    struct sse_watch *next;
};

struct sse_watches {
    pthread_mutex_t lock;
    struct sse_watch *first;
    size_t count;
};

void sse_watches_init(struct sse_watches *watches);
void sse_watches_destroy(struct sse_watches *watches);

void sse_watches_add(struct sse_watches *watches, struct sse_watch *watch);
void sse_watches_remove(struct sse_watches *watches, struct sse_watch *watch);
size_t sse_watches_count(struct sse_watches *watches);

/* Until there is news since the last call, or since sse_watches_add; at most timeout_ms. */
void sse_watches_wait(struct sse_watches *watches, struct sse_watch *watch, int64_t timeout_ms);

/* Wakes those who wait for this file; NULL: everybody. */
void sse_watches_notify(struct sse_watches *watches, const struct outbox_change *change);

/* Calls `visit` for each. */
void sse_watches_visit(struct sse_watches *watches, void (*visit)(void *context, const struct sse_watch *watch),
                       void *context);

#endif
