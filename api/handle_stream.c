/* Event streams: what is the case now, or what the client missed, and from then on what the hub tells. */

#include "api/handlers.h"
#include "api/media_lookup.h"
#include "api/response.h"
#include "api/sse_audience.h"
#include "api/sse_event.h"
#include "api/sse_hub.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/media_store.h"
#include "common/xalloc.h"

#include <string.h>

enum {
    MISSED_MAX = 1000,     /* files; a client that missed more than these looks anew */
    RETRY_BASE_MS = 1000,  /* before a client connects again, and up to so much more, so that */
    RETRY_EXTRA_MS = 2000, /* not all of them come at once after a restart */
};

/* What the client follows, and how it begins. */
struct opening {
    enum sse_scope scope;
    enum sse_form form;
    const char *id; /* NULL for SSE_OWNER */
    struct outbox_position position;
    struct buf text;
};

static void opening_free(struct opening *opening) {
    outbox_position_free(&opening->position);
    buf_free(&opening->text);
}

static int64_t retry_ms(void) {
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    return RETRY_BASE_MS + (int64_t)(random % RETRY_EXTRA_MS);
}

/* What the client says it has seen; false when it says nothing. A position that is none of ours becomes an empty one. */
static bool read_last_id(const struct request *request, struct outbox_position *ret_position) {
    const char *text = request_header(request, "Last-Event-ID");
    if (text == NULL || *text == '\0') {
        return false;
    }
    if (!outbox_position_parse(text, ret_position)) {
        outbox_position_free(ret_position);
    }
    return true;
}

/* Writes what came after opening->position and moves it to now; *ret_complete is false when that was too much. */
static bool write_missed(struct api *api, struct db *db, const struct request *request, struct opening *opening,
                         bool *ret_complete, struct error *err) {
    const struct sse_stream stream = {
        .scope = opening->scope, .owner_id = (char *)request->principal.owner_id, .id = (char *)opening->id};
    _cleanup_(sse_audience_free) struct outbox_audience audience = {0};
    sse_audience_add_stream(&audience, &stream);
    size_t missed = 0;
    bool is_now = false;
    while (!is_now && missed <= MISSED_MAX) {
        _cleanup_(outbox_changes_free) struct outbox_changes changes = {0};
        bool is_rest = opening->position.before != NULL;
        if (!outbox_read(db, &opening->position, &audience, MISSED_MAX + 1, &changes, err)) {
            return false;
        }
        for (size_t i = 0; i < changes.count; i++) {
            struct outbox_position position = outbox_position_after(&changes, i);
            sse_event_change(api, &changes.items[i], opening->form, &position, &opening->text);
        }
        outbox_position_move(&opening->position, &changes);
        is_now = changes.is_whole && !is_rest;
        missed += changes.count;
    }
    *ret_complete = missed <= MISSED_MAX;
    return true;
}

/* *ret_resumed: opening has what the client missed, and nothing is missing. */
static bool resume(struct api *api, struct db *db, const struct request *request, struct opening *opening,
                   bool *ret_resumed, struct error *err) {
    *ret_resumed = false;
    _cleanup_(outbox_position_free) struct outbox_position last = {0};
    bool reaches = false;
    if (!read_last_id(request, &last) || last.seen == NULL) {
        return true;
    }
    if (!outbox_reaches_back(db, &last, &reaches, err)) {
        return false;
    }
    if (!reaches) {
        return true;
    }
    opening->position = outbox_position_take(&last);
    sse_event_begin(retry_ms(), &opening->position, &opening->text);
    if (!write_missed(api, db, request, opening, ret_resumed, err)) {
        return false;
    }
    if (!*ret_resumed) {
        outbox_position_free(&opening->position);
        buf_clear(&opening->text);
    }
    return true;
}

/* A stream of one file begins with the file as it is. */
static bool open_file(struct api *api, struct db *db, const struct request *request, struct opening *opening,
                      struct error *err) {
    _cleanup_(file_record_freep) struct file_record *record = NULL;
    _cleanup_(outbox_position_free) struct outbox_position now = {0};
    bool is_resumed = false;
    if (!outbox_get_file(db, request->principal.owner_id, opening->id, &record, &now, err)) {
        return false;
    }
    if (opening->form == SSE_AS_MEDIA && !media_kind_is_media(record->kind)) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such medium");
    }
    if (!resume(api, db, request, opening, &is_resumed, err)) {
        return false;
    }
    if (!is_resumed) {
        opening->position = outbox_position_take(&now);
        sse_event_begin(retry_ms(), &opening->position, &opening->text);
        sse_event_status(api, record, opening->form, &opening->position, &opening->text);
    }
    return true;
}

/* A stream of many begins with a position, or says that the client's is of no use. */
static bool open_many(struct api *api, struct db *db, const struct request *request, struct opening *opening,
                      struct error *err) {
    bool is_resumed = false;
    _cleanup_(albums_free) struct albums albums = {0};
    if ((opening->scope == SSE_ALBUM && !album_get(db, request->principal.owner_id, opening->id, &albums, err)) ||
        !resume(api, db, request, opening, &is_resumed, err)) {
        return false;
    }
    if (is_resumed) {
        return true;
    }
    if (!outbox_now(db, &opening->position, err)) {
        return false;
    }
    sse_event_begin(retry_ms(), &opening->position, &opening->text);
    const char *last = request_header(request, "Last-Event-ID");
    if (last != NULL && *last != '\0') {
        sse_event_reset(&opening->position, &opening->text);
    }
    return true;
}

static struct sse_stream *stream_of(const struct request *request, struct opening *opening, int socket) {
    struct sse_stream *stream = xcalloc(1, sizeof *stream);
    stream->socket = socket;
    stream->scope = opening->scope;
    stream->form = opening->form;
    stream->owner_id = xstrdup(request->principal.owner_id);
    stream->id = xstrdup(opening->id);
    snprintf(stream->request_id, sizeof stream->request_id, "%s", request->id);
    stream->position = outbox_position_take(&opening->position);
    stream->opened_ms = stream->spoken_ms = clock_monotonic_ms();
    return stream;
}

/* Answers with the head and the first events, and gives the connection to the hub; its place is left when that is not to
 * be. From here on the answer is on its way. */
static void answer(struct api *api, struct request *request, struct opening *opening) {
    request->response.close = true;
    response_header(request, "Cache-Control", "no-store");
    response_header(request, "X-Accel-Buffering", "no"); /* nginx would wait for more */
    bool is_taken = response_start(request, 200, "text/event-stream", -1) && strcmp(request->method, "GET") == 0 &&
                    response_write(request, opening->text.data, opening->text.length);
    int socket = is_taken ? request->stream.take_socket(request->stream.context) : -1;
    if (socket < 0) {
        sse_hub_leave(api->hub, request->principal.owner_id);
        return;
    }
    sse_hub_add(api->hub, stream_of(request, opening, socket));
}

static bool open_stream(struct api *api, struct request *request, struct opening *opening, struct error *err) {
    struct db *db = NULL;
    if (!sse_hub_enter(api->hub, request->principal.owner_id, err)) {
        return false;
    }
    if (!api_take_database(api, &db, err)) {
        sse_hub_leave(api->hub, request->principal.owner_id);
        return false;
    }
    bool is_open = opening->scope == SSE_FILE ? open_file(api, db, request, opening, err)
                                              : open_many(api, db, request, opening, err);
    db_pool_give(api->database, db);
    if (!is_open) {
        sse_hub_leave(api->hub, request->principal.owner_id);
        return false;
    }
    answer(api, request, opening);
    return true;
}

bool handle_file_stream(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(opening_free) struct opening opening = {.scope = SSE_FILE, .form = SSE_AS_FILE, .id = file_id};
    return request_file_id(request, file_id, err) && open_stream(api, request, &opening, err);
}

bool handle_owner_stream(struct api *api, struct request *request, struct error *err) {
    _cleanup_(opening_free) struct opening opening = {.scope = SSE_OWNER, .form = SSE_AS_FILE};
    return open_stream(api, request, &opening, err);
}

bool handle_admin_stream(struct api *api, struct request *request, struct error *err) {
    _cleanup_(opening_free) struct opening opening = {.scope = SSE_OWNER, .form = SSE_AS_NEWS};
    return open_stream(api, request, &opening, err);
}

bool handle_album_stream(struct api *api, struct request *request, struct error *err) {
    char album_id[ID_TEXT_SIZE];
    _cleanup_(opening_free) struct opening opening = {.scope = SSE_ALBUM, .form = SSE_AS_MEDIA, .id = album_id};
    return album_id_of(request, album_id, err) && open_stream(api, request, &opening, err);
}

bool handle_media_stream(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    _cleanup_(opening_free) struct opening opening = {.scope = SSE_FILE, .form = SSE_AS_MEDIA, .id = file_id};
    return media_file_id(api, request, file_id, err) && open_stream(api, request, &opening, err);
}
