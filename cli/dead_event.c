#include "cli/dead_event.h"

#include "cli/progress.h"
#include "common/encode.h"
#include "common/json.h"

#include <string.h>

bool dead_event_is_id(const char *text) {
    int64_t id = 0;
    return parse_int64(text, 1, INT64_MAX, &id);
}

bool dead_event_raw(const char *hex, struct buf *out) {
    size_t length = strlen(hex) / 2;
    unsigned char *place = (unsigned char *)buf_reserve(out, length + 1);
    if (!decode_hex(hex, place, length)) {
        return false;
    }
    place[length] = '\0';
    out->length += length;
    return true;
}

void dead_event_line(const struct dead_event *event, struct buf *out) {
    _cleanup_(buf_free) struct buf raw = {0};
    buf_printf(out, "%6lld  %s  %s", (long long)event->id, event->received_at, event->reason);
    if (!dead_event_raw(event->hex, &raw)) {
        return;
    }
    size_t shown = utf8_prefix(buf_text(&raw), raw.length, DEAD_EVENT_SHOWN_BYTES);
    bool is_text = utf8_valid(buf_text(&raw), shown);
    buf_printf(out, "  [%lld bytes] ", (long long)event->length);
    if (is_text && shown > 0) {
        raw.data[shown] = '\0';
        progress_label(out, raw.data, DEAD_EVENT_SHOWN_BYTES);
        buf_append_text(out, event->length > DEAD_EVENT_SHOWN_BYTES ? "…" : "");
    }
}

void dead_event_json(const struct dead_event *event, struct buf *out) {
    _cleanup_(buf_free) struct buf raw = {0};
    _cleanup_(json_freep) json_t *object = json_object();
    json_set_int(object, "id", event->id);
    json_set_text(object, "received_at", event->received_at);
    json_set_text(object, "reason", event->reason);
    if (dead_event_raw(event->hex, &raw) && utf8_valid(buf_text(&raw), raw.length)) {
        json_set_text(object, "raw", buf_text(&raw));
    } else {
        _cleanup_(buf_free) struct buf text = {0};
        encode_base64(&text, (const unsigned char *)buf_text(&raw), raw.length);
        json_set_text(object, "raw_base64", buf_text(&text));
    }
    _cleanup_(freep) char *text = json_to_text(object);
    buf_append_text(out, text);
}
