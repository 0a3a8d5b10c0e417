/* Notifications in a file: one, in any of the shapes of s3_event.h, or one a line. Pure. */
#ifndef SLUICE_CLI_EVENT_FILE_H
#define SLUICE_CLI_EVENT_FILE_H

#include "common/buf.h"
#include "common/s3_event.h"

enum { EVENT_FILE_MAX_BYTES = 64 << 20 };

struct event_text {
    const char *bytes;
    size_t length;
};

struct event_file {
    struct event_text *items; /* stretches of the file's text */
    size_t count;
    size_t events; /* in all of them */
};

/* Fails with the reason, and with the line if there are several, unless every record is understood. `text` must stay. */
bool event_file_split(const struct buf *text, struct event_file *ret_file, struct error *err) MUST_CHECK;
void event_file_free(struct event_file *file);

#endif
