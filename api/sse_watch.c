#include "api/sse_watch.h"

#include <string.h>
#include <time.h>

void sse_watches_init(struct sse_watches *watches) {
    *watches = (struct sse_watches){0};
    pthread_mutex_init(&watches->lock, NULL);
}

void sse_watches_destroy(struct sse_watches *watches) {
    pthread_mutex_destroy(&watches->lock);
}

void sse_watches_add(struct sse_watches *watches, struct sse_watch *watch) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    watch->has_news = false;
    pthread_mutex_lock(&watches->lock);
    watch->next = watches->first;
    watches->first = watch;
    watches->count++;
    pthread_mutex_unlock(&watches->lock);
}

void sse_watches_remove(struct sse_watches *watches, struct sse_watch *watch) {
    pthread_mutex_lock(&watches->lock);
    struct sse_watch **link = &watches->first;
    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
    watches->count--;
    pthread_mutex_unlock(&watches->lock);
    pthread_cond_destroy(&watch->changed);
}

size_t sse_watches_count(struct sse_watches *watches) {
    pthread_mutex_lock(&watches->lock);
    size_t count = watches->count;
    pthread_mutex_unlock(&watches->lock);
    return count;
}

void sse_watches_wait(struct sse_watches *watches, struct sse_watch *watch, int64_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + timeout_ms % 1000 * 1000000;
    until.tv_sec += timeout_ms / 1000 + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&watches->lock);
    int problem = 0;
    while (!watch->has_news && problem == 0) {
        problem = pthread_cond_timedwait(&watch->changed, &watches->lock, &until);
    }
    watch->has_news = false;
    pthread_mutex_unlock(&watches->lock);
}

static bool is_of(const struct sse_watch *watch, const struct outbox_change *change) {
    return strcmp(watch->file_id, change->file_id) == 0 && strcmp(watch->owner_id, change->owner_id) == 0;
}

void sse_watches_notify(struct sse_watches *watches, const struct outbox_change *change) {
    pthread_mutex_lock(&watches->lock);
    for (struct sse_watch *watch = watches->first; watch != NULL; watch = watch->next) {
        if (change == NULL || is_of(watch, change)) {
            watch->has_news = true;
            pthread_cond_signal(&watch->changed);
        }
    }
    pthread_mutex_unlock(&watches->lock);
}

void sse_watches_visit(struct sse_watches *watches, void (*visit)(void *context, const struct sse_watch *watch),
                       void *context) {
    pthread_mutex_lock(&watches->lock);
    for (const struct sse_watch *watch = watches->first; watch != NULL; watch = watch->next) {
        visit(context, watch);
    }
    pthread_mutex_unlock(&watches->lock);
}
