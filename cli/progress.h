/* How far one upload is, as one line. Pure. */
#ifndef SLUICE_CLI_PROGRESS_H
#define SLUICE_CLI_PROGRESS_H

#include "common/buf.h"

#include <stdint.h>

struct progress {
    const char *label;
    int64_t total;
    int64_t sent;
    int64_t started_ms; /* of any clock */
};

/* "photo.jpg  [#####.....]  50 %  6.0 MiB of 12 MiB  3.0 MiB/s  2.0 s left", cut to `width` columns. */
void progress_line(const struct progress *progress, int64_t now_ms, size_t width, struct buf *out);

/* "photo.jpg  12 MiB in 4.0 s (3.0 MiB/s)" */
void progress_summary(const struct progress *progress, int64_t now_ms, struct buf *out);

/* Appends text fit for a terminal: control characters become '?'; longer than `width` columns, its start becomes "…".
 * Counts characters, not their widths. Returns the columns used. */
size_t progress_label(struct buf *out, const char *text, size_t width);

#endif
