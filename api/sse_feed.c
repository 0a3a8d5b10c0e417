#include "api/sse_audience.h"
#include "api/sse_hub_private.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <sys/epoll.h>

enum { PAGE_FILES = 500 }; /* that one reading takes at most */

void sse_feed_note_failure(bool *has_failed, const char *what, const struct error *err) {
    if (!*has_failed) {
        log_warn("live_status_degraded", log_text("without", what), log_code(err), log_message(err));
        *has_failed = true;
    }
}

void sse_feed_note_success(bool *has_failed, const char *what) {
    if (*has_failed) {
        log_info("live_status_restored", log_text("with", what));
        *has_failed = false;
    }
}

void sse_feed_end(struct sse_stream *stream, enum sse_end reason) {
    if (!stream->has_ended) {
        stream->has_ended = true;
        metrics_increment(METRIC_SSE_ENDED, reason);
        log_info("stream_ended", log_text("request_id", stream->request_id), log_text("owner", stream->owner_id),
                 log_text("reason", sse_end_names[reason]),
                 log_int("duration_ms", clock_monotonic_ms() - stream->opened_ms));
    }
}

void sse_feed_watch_socket(struct sse_hub *hub, struct sse_stream *stream, int operation) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = stream};
    event.events |= sse_stream_is_waiting(stream) ? EPOLLOUT : 0;
    if (epoll_ctl(hub->epoll, operation, stream->socket, &event) != 0) {
        sse_feed_end(stream, SSE_CLIENT_LEFT);
    }
}

void sse_feed_send(struct sse_hub *hub, struct sse_stream *stream, const void *bytes, size_t length) {
    enum sse_end reason = SSE_CLIENT_LEFT;
    bool was_waiting = sse_stream_is_waiting(stream);
    size_t limit = (size_t)hub->api->config->sse_buffer_bytes;
    if (!sse_stream_send(stream, bytes, length, limit, clock_monotonic_ms(), &reason)) {
        sse_feed_end(stream, reason);
    } else if (sse_stream_is_waiting(stream) != was_waiting) {
        sse_feed_watch_socket(hub, stream, EPOLL_CTL_MOD);
    }
}

/* The text of one change, made for the first client of each form that wants it. */
struct texts {
    struct buf forms[SSE_FORM_COUNT];
};

static void texts_free(struct texts *texts) {
    for (size_t form = 0; form < SSE_FORM_COUNT; form++) {
        buf_free(&texts->forms[form]);
    }
}

static void send_change(struct sse_hub *hub, struct sse_stream *stream, const struct outbox_changes *changes,
                        size_t index, struct texts *texts) {
    struct buf *text = &texts->forms[stream->form];
    if (text->length == 0) {
        struct outbox_position position = outbox_position_after(changes, index);
        sse_event_change(hub->api, &changes->items[index], stream->form, &position, text);
    }
    sse_feed_send(hub, stream, text->data, text->length);
    metrics_increment(METRIC_SSE_EVENTS, 0);
    metrics_observe_us(METRIC_SSE_LAG, 0, changes->items[index].age_us);
    if (changes->items[index].record == NULL && stream->scope == SSE_FILE) {
        sse_feed_end(stream, SSE_FILE_DELETED);
    }
}

/* To one stream, or to all that have joined. */
static void send_changes(struct sse_hub *hub, struct sse_stream *only, const struct outbox_changes *changes) {
    for (size_t i = 0; i < changes->count; i++) {
        _cleanup_(texts_free) struct texts texts = {0};
        for (size_t k = 0; k < hub->stream_count; k++) {
            struct sse_stream *stream = hub->streams[k];
            bool is_meant = only == NULL ? stream->has_joined : stream == only;
            if (is_meant && !stream->has_ended && sse_stream_follows(stream, &changes->items[i])) {
                send_change(hub, stream, changes, i, &texts);
            }
        }
        if (only == NULL) {
            sse_watches_notify(&hub->watches, &changes->items[i]);
        }
    }
}

/* Reads the rest of the batch that a new stream is in the middle of. */
static bool catch_up(struct sse_hub *hub, struct sse_stream *stream, struct error *err) {
    _cleanup_(sse_audience_free) struct outbox_audience audience = {0};
    sse_audience_add_stream(&audience, stream);
    while (stream->position.before != NULL && !stream->has_ended) {
        _cleanup_(outbox_changes_free) struct outbox_changes changes = {0};
        if (!outbox_read(hub->db, &stream->position, &audience, PAGE_FILES, &changes, err)) {
            return false;
        }
        send_changes(hub, stream, &changes);
        outbox_position_move(&stream->position, &changes);
    }
    return true;
}

/* Brings a new stream from its own position to the hub's, where it joins the others. The hub's is the later one: it read
 * after the stream came. */
static bool join(struct sse_hub *hub, struct sse_stream *stream, struct error *err) {
    if (!catch_up(hub, stream, err)) { /* of an earlier try */
        return false;
    }
    struct outbox_position *position = &stream->position;
    position->before = take_ptr(position->seen);
    position->seen = xstrdup(hub->position.seen);
    position->id = 0;
    if (!catch_up(hub, stream, err)) {
        return false;
    }
    outbox_position_free(position);
    stream->has_joined = true;
    return true;
}

static bool join_all(struct sse_hub *hub, struct error *err) {
    for (size_t i = 0; i < hub->stream_count; i++) {
        if (!hub->streams[i]->has_joined && !join(hub, hub->streams[i], err)) {
            return false;
        }
    }
    return true;
}

/* ret_is_now: everything up to this moment was read. */
static bool read_page(struct sse_hub *hub, bool *ret_is_now, struct error *err) {
    _cleanup_(sse_audience_free) struct outbox_audience audience = {0};
    for (size_t i = 0; i < hub->stream_count; i++) {
        sse_audience_add_stream(&audience, hub->streams[i]);
    }
    sse_audience_add_watches(&audience, &hub->watches);
    sse_audience_finish(&audience);
    _cleanup_(outbox_changes_free) struct outbox_changes changes = {0};
    bool is_rest = hub->position.before != NULL;
    if (!outbox_read(hub->db, &hub->position, &audience, PAGE_FILES, &changes, err)) {
        return false;
    }
    send_changes(hub, NULL, &changes);
    outbox_position_move(&hub->position, &changes);
    *ret_is_now = changes.is_whole && !is_rest;
    return true;
}

/* Who waits saw the file before this position was known, and must look again. */
static bool read_position(struct sse_hub *hub, bool *ret_is_now, struct error *err) {
    if (!outbox_now(hub->db, &hub->position, err)) {
        return false;
    }
    sse_watches_notify(&hub->watches, NULL);
    *ret_is_now = true;
    return true;
}

static bool has_newcomers(const struct sse_hub *hub) {
    for (size_t i = 0; i < hub->stream_count; i++) {
        if (!hub->streams[i]->has_joined) {
            return true;
        }
    }
    return false;
}

/* A newcomer and the hub must see the same moment: else a record could be newer than the position that is told with it,
 * and come again. */
static bool read_and_join(struct sse_hub *hub, bool *ret_is_now, struct error *err) {
    bool is_joining = has_newcomers(hub);
    if (is_joining && !db_begin_snapshot(hub->db, err)) {
        return false;
    }
    bool is_read = hub->position.seen == NULL ? read_position(hub, ret_is_now, err) : read_page(hub, ret_is_now, err);
    if (is_joining) {
        is_read = is_read && (!*ret_is_now || join_all(hub, err));
        db_rollback(hub->db); /* nothing was written */
    }
    return is_read;
}

void sse_feed_read(struct sse_hub *hub) {
    struct error error = {0};
    bool is_now = false;
    bool is_read = read_and_join(hub, &is_now, &error);
    hub->is_due = is_read && !is_now;
    hub->read_ms = clock_monotonic_ms();
    if (is_read) {
        sse_feed_note_success(&hub->database_failed, "database");
    } else {
        sse_feed_note_failure(&hub->database_failed, "database", &error);
    }
}
