/* Server-sent events as text (HTML Living Standard, section 9.2.6): what a stream sends for a change of a file. */
#ifndef SLUICE_API_SSE_EVENT_H
#define SLUICE_API_SSE_EVENT_H

#include "api/api.h"
#include "common/outbox.h"

/* What a stream follows. */
enum sse_scope { SSE_FILE, SSE_ALBUM, SSE_OWNER };

/* How it names what it follows: statuses and ids of /files or of /media, or only that there is something new. */
enum sse_form { SSE_AS_FILE, SSE_AS_MEDIA, SSE_AS_NEWS, SSE_FORM_COUNT };

/* `event: status` with the record as GET gives it, and the position after it. */
void sse_event_status(const struct api *api, const struct file_record *record, enum sse_form form,
                      const struct outbox_position *position, struct buf *out);

/* The same for a change, or `event: deleted`, with the ids only, when it left no record. */
void sse_event_change(const struct api *api, const struct outbox_change *change, enum sse_form form,
                      const struct outbox_position *position, struct buf *out);

/* `event: reset`: what came since the client's position is no longer known; it has to look anew. */
void sse_event_reset(const struct outbox_position *position, struct buf *out);

/* Begins a stream: how long to wait before connecting again, and a position without an event. */
void sse_event_begin(int64_t retry_ms, const struct outbox_position *position, struct buf *out);

/* A comment, so that both ends notice when the other is gone. */
#define SSE_HEARTBEAT ": \n\n"

#endif
