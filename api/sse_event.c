#include "api/sse_event.h"

#include "api/media_json.h"
#include "common/clock.h"

static void write_id(const struct outbox_position *position, struct buf *out) {
    buf_append_text(out, "id: ");
    outbox_position_print(position, out);
    buf_append_char(out, '\n');
}

static void begin(const char *event, const struct outbox_position *position, struct buf *out) {
    buf_append_text(out, "event: ");
    buf_append_text(out, event);
    buf_append_char(out, '\n');
    write_id(position, out);
    buf_append_text(out, "data: ");
}

void sse_event_status(const struct api *api, const struct file_record *record, enum sse_form form,
                      const struct outbox_position *position, struct buf *out) {
    begin("status", position, out);
    if (form == SSE_AS_NEWS) {
        buf_append_text(out, "{}");
    } else if (form == SSE_AS_MEDIA) {
        media_json(api, record, clock_now_ms(), out);
    } else {
        file_json(api, record, clock_now_ms(), out);
    }
    buf_append_text(out, "\n\n");
}

static void write_deleted(const struct outbox_change *change, enum sse_form form,
                          const struct outbox_position *position, struct buf *out) {
    char media_id[MEDIA_ID_SIZE];
    begin("deleted", position, out);
    struct json_writer writer = json_writer_to(out);
    json_writer_open(&writer, NULL, '{');
    if (form == SSE_AS_MEDIA) {
        media_id_of(change->object_key == NULL ? "" : change->object_key, change->file_id, media_id);
        json_writer_text(&writer, "media_id", media_id);
    }
    json_writer_text(&writer, "file_id", change->file_id);
    json_writer_close(&writer, '}');
    buf_append_text(out, "\n\n");
}

void sse_event_change(const struct api *api, const struct outbox_change *change, enum sse_form form,
                      const struct outbox_position *position, struct buf *out) {
    if (change->record == NULL) {
        write_deleted(change, form, position, out);
    } else {
        sse_event_status(api, change->record, form, position, out);
    }
}

void sse_event_reset(const struct outbox_position *position, struct buf *out) {
    begin("reset", position, out);
    buf_append_text(out, "{}\n\n");
}

void sse_event_begin(int64_t retry_ms, const struct outbox_position *position, struct buf *out) {
    buf_append_text(out, "retry: ");
    buf_append_int(out, retry_ms);
    buf_append_char(out, '\n');
    write_id(position, out);
    buf_append_char(out, '\n');
}
