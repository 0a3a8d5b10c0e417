/* Who listens, as the statement that reads the outbox wants it: each word once. */
#ifndef SLUICE_API_SSE_AUDIENCE_H
#define SLUICE_API_SSE_AUDIENCE_H

#include "api/sse_stream.h"
#include "api/sse_watch.h"

/* Copies the words. */
void sse_audience_add_stream(struct outbox_audience *audience, const struct sse_stream *stream);
void sse_audience_add_watches(struct outbox_audience *audience, struct sse_watches *watches);

/* Leaves each word once; call it after the last addition. */
void sse_audience_finish(struct outbox_audience *audience);
void sse_audience_free(struct outbox_audience *audience);

#endif
