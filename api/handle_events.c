/* POST /events/s3: the store's notifications by webhook, onto the list that also takes those by Redis. Only what is no JSON
 * at all is refused: what the events mean is decided by those who take them from the list. */

#include "api/auth.h"
#include "api/handlers.h"
#include "api/json_sequence.h"
#include "api/json_writer.h"
#include "api/response.h"
#include "common/event_queue.h"

enum { QUEUE_WAIT_MS = 2000 };

static bool malformed(struct error *err) {
    return error_set(err, ERROR_MALFORMED_JSON, "the body must be one JSON event, or several one after the other");
}

/* Everything is looked at before anything is pushed. */
static bool check_events(const struct buf *body, struct error *err) {
    size_t at = 0;
    size_t start = 0;
    size_t length = 0;
    size_t count = 0;
    while (json_sequence_next(buf_text(body), body->length, &at, &start, &length)) {
        _cleanup_(json_freep) json_t *event = NULL;
        if (!json_parse(body->data + start, length, JSON_MAX_DEPTH, &event, err)) {
            return false;
        }
        count++;
    }
    return (count > 0 && at == body->length) || malformed(err);
}

static bool push_events(struct redis *redis, const char *list, const struct buf *body, int64_t *ret_count,
                        struct error *err) {
    size_t at = 0;
    size_t start = 0;
    size_t length = 0;
    while (json_sequence_next(buf_text(body), body->length, &at, &start, &length)) {
        if (!event_queue_push(redis, list, body->data + start, length, err)) {
            return false;
        }
        (*ret_count)++;
    }
    return true;
}

bool handle_events(struct api *api, struct request *request, struct error *err) {
    if (!request_read_body(request, request->match.route->body_limit, err) || !check_events(&request->body, err)) {
        return false;
    }
    /* versitygw, which can only be given a URL, opens a connection for each event and forgets it: left open, it would hold
     * a thread until it has been idle for long enough. */
    if (auth_bearer(request_header(request, "Authorization")) == NULL) {
        request->response.close = true;
    }
    struct redis *redis = NULL;
    if (!redis_pool_take(api->queue, QUEUE_WAIT_MS, &redis, err)) {
        return false;
    }
    int64_t count = 0;
    bool pushed = push_events(redis, api->config->events_list, &request->body, &count, err);
    redis_pool_give(api->queue, redis);
    if (!pushed) {
        return false;
    }
    _cleanup_(buf_free) struct buf json = {0};
    struct json_writer writer = json_writer_to(&json);
    json_writer_open(&writer, NULL, '{');
    json_writer_int(&writer, "accepted", count);
    json_writer_close(&writer, '}');
    response_json(request, 202, &json);
    return true;
}
