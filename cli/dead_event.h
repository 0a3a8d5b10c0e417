/* An event that nobody understood, or that fits no record, for people and as JSON. Pure. */
#ifndef SLUICE_CLI_DEAD_EVENT_H
#define SLUICE_CLI_DEAD_EVENT_H

#include "common/buf.h"

#include <stdint.h>

enum { DEAD_EVENT_SHOWN_BYTES = 120 };

struct dead_event {
    int64_t id;
    const char *received_at;
    const char *reason;
    int64_t length;  /* of the raw bytes */
    const char *hex; /* the raw bytes; for a line the first ones are enough */
};

bool dead_event_is_id(const char *text);

/* Decodes the bytes; false when they are no hex. */
bool dead_event_raw(const char *hex, struct buf *out);

/* Id, time, reason, and how the event begins. */
void dead_event_line(const struct dead_event *event, struct buf *out);

/* One line of JSON; "raw", or "raw_base64" for bytes that are no UTF-8. */
void dead_event_json(const struct dead_event *event, struct buf *out);

#endif
