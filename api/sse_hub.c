#include "api/sse_hub_private.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum {
    STATEMENT_TIMEOUT_MS = 5000,
    REDIS_TIMEOUT_MS = 500,
    READ_PAUSE_MS = 10,     /* between two readings: many commits cost one */
    CLIENT_GONE_MS = 30000, /* without an acknowledgement, or without reading anything */
    TICK_MS = 1000,
    EVENTS_AT_ONCE = 64,
};

static void wake_up(struct sse_hub *hub) {
    const uint64_t one = 1;
    (void)!write(hub->wake, &one, sizeof one);
}

void sse_hub_announce(void *hub) {
    struct sse_hub *self = hub;
    if (!atomic_exchange(&self->has_announced, true)) {
        wake_up(self);
    }
}

bool sse_hub_enter(struct sse_hub *hub, const char *owner_id, struct error *err) {
    const struct config *config = hub->api->config;
    return sse_places_take(&hub->places, owner_id, config->sse_max, config->sse_owner_max, err);
}

void sse_hub_leave(struct sse_hub *hub, const char *owner_id) {
    sse_places_give(&hub->places, owner_id);
}

void sse_hub_add(struct sse_hub *hub, struct sse_stream *stream) {
    pthread_mutex_lock(&hub->lock);
    hub->arrived = xrealloc(hub->arrived, (hub->arrived_count + 1) * sizeof *hub->arrived);
    hub->arrived[hub->arrived_count++] = stream;
    pthread_mutex_unlock(&hub->lock);
    wake_up(hub);
}

void sse_hub_watch(struct sse_hub *hub, struct sse_watch *watch) {
    sse_watches_add(&hub->watches, watch);
    wake_up(hub);
}

void sse_hub_wait(struct sse_hub *hub, struct sse_watch *watch, int64_t timeout_ms) {
    sse_watches_wait(&hub->watches, watch, timeout_ms);
}

void sse_hub_unwatch(struct sse_hub *hub, struct sse_watch *watch) {
    sse_watches_remove(&hub->watches, watch);
}

static void sweep_ended(struct sse_hub *hub) {
    size_t kept = 0;
    for (size_t i = 0; i < hub->stream_count; i++) {
        struct sse_stream *stream = hub->streams[i];
        if (stream->has_ended) {
            sse_hub_leave(hub, stream->owner_id);
            sse_stream_free(stream);
        } else {
            hub->streams[kept++] = stream;
        }
    }
    hub->stream_count = kept;
}

/* Streams that handlers have handed over since the last look. */
static void take_arrived(struct sse_hub *hub) {
    pthread_mutex_lock(&hub->lock);
    if (hub->arrived_count > 0) {
        hub->streams = xrealloc(hub->streams, (hub->stream_count + hub->arrived_count) * sizeof *hub->streams);
    }
    for (size_t i = 0; i < hub->arrived_count; i++) {
        struct sse_stream *stream = hub->arrived[i];
        hub->streams[hub->stream_count++] = stream;
        sse_stream_prepare(stream, CLIENT_GONE_MS);
        sse_feed_watch_socket(hub, stream, EPOLL_CTL_ADD);
        hub->is_due = true;
    }
    hub->arrived_count = 0;
    pthread_mutex_unlock(&hub->lock);
}

/* Tells the other processes. They would find out by themselves, later. */
static void announce(struct sse_hub *hub) {
    struct error error = {0};
    if (!atomic_exchange(&hub->has_announced, false)) {
        return;
    }
    hub->is_due = true;
    if (redis_publish(hub->redis, OUTBOX_CHANNEL, "", &error)) {
        sse_feed_note_success(&hub->redis_failed, "redis");
    } else {
        sse_feed_note_failure(&hub->redis_failed, "redis", &error);
    }
}

/* Connects the subscriber, again if need be. What came meanwhile is found by looking. */
static void keep_subscribed(struct sse_hub *hub) {
    struct error error = {0};
    if (redis_subscriber_descriptor(hub->subscriber) >= 0) {
        return;
    }
    if (!redis_subscriber_open(hub->subscriber, &error)) {
        sse_feed_note_failure(&hub->redis_failed, "redis", &error);
        return;
    }
    sse_feed_note_success(&hub->redis_failed, "redis");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = hub->subscriber};
    epoll_ctl(hub->epoll, EPOLL_CTL_ADD, redis_subscriber_descriptor(hub->subscriber), &event);
    hub->is_due = true;
}

static void read_messages(struct sse_hub *hub) {
    struct error error = {0};
    size_t messages = 0;
    if (!redis_subscriber_read(hub->subscriber, &messages, &error)) {
        sse_feed_note_failure(&hub->redis_failed, "redis", &error);
    }
    hub->is_due |= messages > 0;
}

static void serve_socket(struct sse_hub *hub, struct sse_stream *stream, uint32_t events) {
    enum sse_end reason = SSE_CLIENT_LEFT;
    bool is_there = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0;
    if (!is_there || !sse_stream_listen(stream) || !sse_stream_flush(stream, clock_monotonic_ms(), &reason)) {
        sse_feed_end(stream, reason);
    } else if ((events & EPOLLOUT) != 0 && !sse_stream_is_waiting(stream)) {
        sse_feed_watch_socket(hub, stream, EPOLL_CTL_MOD);
    }
}

static void wait_for_events(struct sse_hub *hub, int timeout_ms) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(hub->epoll, events, EVENTS_AT_ONCE, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint64_t waste = 0;
        if (events[i].data.ptr == hub) {
            (void)!read(hub->wake, &waste, sizeof waste);
        } else if (events[i].data.ptr == hub->subscriber) {
            read_messages(hub);
        } else {
            serve_socket(hub, events[i].data.ptr, events[i].events);
        }
    }
}

/* What happens by the clock alone. */
static void tick(struct sse_hub *hub) {
    const struct config *config = hub->api->config;
    int64_t now_ms = clock_monotonic_ms();
    hub->tick_ms = now_ms;
    keep_subscribed(hub);
    for (size_t i = 0; i < hub->stream_count; i++) {
        struct sse_stream *stream = hub->streams[i];
        if (stream->has_ended) {
            continue;
        }
        if (now_ms - stream->opened_ms >= config->sse_age_s * 1000) {
            sse_feed_end(stream, SSE_TOO_OLD);
        } else if (sse_stream_is_waiting(stream) && now_ms - stream->waiting_since_ms >= CLIENT_GONE_MS) {
            sse_feed_end(stream, SSE_CLIENT_SLOW);
        } else if (now_ms - stream->spoken_ms >= config->sse_heartbeat_s * 1000) {
            sse_feed_send(hub, stream, SSE_HEARTBEAT, sizeof SSE_HEARTBEAT - 1);
        }
    }
}

static bool somebody_listens(struct sse_hub *hub) {
    return hub->stream_count > 0 || sse_watches_count(&hub->watches) > 0;
}

/* Until the next reading or tick is due; -1: until something happens. */
static int time_to_wait(struct sse_hub *hub, bool is_listening) {
    if (!is_listening) {
        return -1;
    }
    int64_t now_ms = clock_monotonic_ms();
    int64_t pause_ms = hub->is_due ? READ_PAUSE_MS : hub->api->config->sse_poll_ms;
    int64_t next_ms =
        hub->read_ms + pause_ms < hub->tick_ms + TICK_MS ? hub->read_ms + pause_ms : hub->tick_ms + TICK_MS;
    return next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
}

static void turn(struct sse_hub *hub) {
    announce(hub);
    take_arrived(hub);
    bool is_listening = somebody_listens(hub);
    if (!is_listening) {
        outbox_position_free(&hub->position);
    } else {
        int64_t now_ms = clock_monotonic_ms();
        if (now_ms - hub->tick_ms >= TICK_MS) {
            tick(hub);
        }
        bool is_first = hub->position.seen == NULL && !hub->database_failed;
        int64_t pause_ms = hub->is_due ? READ_PAUSE_MS : hub->api->config->sse_poll_ms;
        if (is_first || now_ms - hub->read_ms >= pause_ms) {
            sse_feed_read(hub);
        }
    }
    sweep_ended(hub);
    wait_for_events(hub, time_to_wait(hub, somebody_listens(hub)));
}

static void *run(void *context) {
    struct sse_hub *hub = context;
    sigset_t signals;
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    while (!atomic_load(&hub->is_stopping)) {
        turn(hub);
    }
    take_arrived(hub);
    for (size_t i = 0; i < hub->stream_count; i++) {
        sse_feed_end(hub->streams[i], SSE_SHUTDOWN);
    }
    sweep_ended(hub);
    sse_watches_notify(&hub->watches, NULL);
    return NULL;
}

static bool start(struct sse_hub *hub, struct error *err) {
    const struct config *config = hub->api->config;
    if (!redis_new(config->redis_url, REDIS_TIMEOUT_MS, &hub->redis, err) ||
        !redis_subscriber_new(config->redis_url, OUTBOX_CHANNEL, REDIS_TIMEOUT_MS, &hub->subscriber, err)) {
        return false;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = hub};
    if (hub->epoll < 0 || hub->wake < 0 || epoll_ctl(hub->epoll, EPOLL_CTL_ADD, hub->wake, &event) != 0 ||
        pthread_create(&hub->thread, NULL, run, hub) != 0) {
        return error_set(err, ERROR_INTERNAL, "no thread or descriptors for event streams");
    }
    hub->is_running = true;
    return true;
}

bool sse_hub_new(const struct api *api, struct sse_hub **ret_hub, struct error *err) {
    _cleanup_(sse_hub_freep) struct sse_hub *hub = xcalloc(1, sizeof *hub);
    hub->api = api;
    hub->epoll = epoll_create1(EPOLL_CLOEXEC);
    hub->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&hub->lock, NULL);
    sse_watches_init(&hub->watches);
    sse_places_init(&hub->places);
    hub->db = db_new(api->config->database_url, "sluice-api-live", STATEMENT_TIMEOUT_MS);
    if (!start(hub, err)) {
        return false;
    }
    *ret_hub = take_ptr(hub);
    return true;
}

void sse_hub_stop(struct sse_hub *hub) {
    if (hub->is_running) {
        atomic_store(&hub->is_stopping, true);
        wake_up(hub);
        pthread_join(hub->thread, NULL);
        hub->is_running = false;
    }
}

void sse_hub_free(struct sse_hub *hub) {
    if (hub == NULL) {
        return;
    }
    sse_hub_stop(hub);
    for (size_t i = 0; i < hub->arrived_count; i++) {
        sse_stream_free(hub->arrived[i]);
    }
    free(hub->arrived);
    free(hub->streams);
    outbox_position_free(&hub->position);
    redis_subscriber_free(hub->subscriber);
    redis_free(hub->redis);
    db_free(hub->db);
    sse_watches_destroy(&hub->watches);
    sse_places_destroy(&hub->places);
    pthread_mutex_destroy(&hub->lock);
    closep(&hub->epoll);
    closep(&hub->wake);
    free(hub);
}

void sse_hub_label_metrics(void) {
    metrics_label(METRIC_SSE_ENDED, sse_end_names, SSE_END_COUNT);
}
