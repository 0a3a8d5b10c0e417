#include "common/pool.h"

#include "common/clock.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

/* A thread that waits; lives on that thread's stack. */
struct waiter {
    pthread_cond_t handed;
    void *item; /* NULL until one was handed over */
    struct waiter *next;
};

struct pool {
    pthread_mutex_t lock;
    struct waiter *first, **end; /* the queue, oldest first; `end` is where the next one goes */
    size_t idle_count;
    void *idle[];
};

struct pool *pool_new(void *const *items, size_t count) {
    struct pool *pool = xcalloc(1, sizeof *pool + count * sizeof pool->idle[0]);
    pthread_mutex_init(&pool->lock, NULL);
    pool->end = &pool->first;
    pool->idle_count = count;
    memcpy(pool->idle, items, count * sizeof items[0]);
    return pool;
}

void pool_free(struct pool *pool) {
    if (pool != NULL) {
        pthread_mutex_destroy(&pool->lock);
        free(pool);
    }
}

static void waiter_start(struct waiter *waiter) {
    *waiter = (struct waiter){0};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter->handed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void enqueue(struct pool *pool, struct waiter *waiter) {
    *pool->end = waiter;
    pool->end = &waiter->next;
}

static void dequeue(struct pool *pool, const struct waiter *waiter) {
    struct waiter **link = &pool->first;
    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
    if (*link == NULL) {
        pool->end = link;
    }
}

/* Called and returns with the lock held. */
static void *wait_for_item(struct pool *pool, int64_t timeout_ms) {
    int64_t until_ms = clock_monotonic_ms() + timeout_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    struct waiter waiter;
    waiter_start(&waiter);
    enqueue(pool, &waiter);
    int status = 0;
    while (waiter.item == NULL && status == 0) {
        status = pthread_cond_timedwait(&waiter.handed, &pool->lock, &until);
    }
    if (waiter.item == NULL) {
        dequeue(pool, &waiter);
    }
    pthread_cond_destroy(&waiter.handed);
    return waiter.item;
}

void *pool_take(struct pool *pool, int64_t timeout_ms) {
    pthread_mutex_lock(&pool->lock);
    void *item = NULL;
    if (pool->idle_count > 0) {
        item = pool->idle[--pool->idle_count];
    } else if (timeout_ms > 0) {
        item = wait_for_item(pool, timeout_ms);
    }
    pthread_mutex_unlock(&pool->lock);
    return item;
}

void pool_give(struct pool *pool, void *item) {
    pthread_mutex_lock(&pool->lock);
    struct waiter *waiter = pool->first;
    if (waiter != NULL) {
        dequeue(pool, waiter);
        waiter->item = item;
        pthread_cond_signal(&waiter->handed);
    } else {
        pool->idle[pool->idle_count++] = item;
    }
    pthread_mutex_unlock(&pool->lock);
}
