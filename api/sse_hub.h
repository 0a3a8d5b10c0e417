/* Live status: one thread that reads along with the outbox and tells everybody who listens in this process.
 *
 * After each commit that wrote to the outbox its writer publishes on OUTBOX_CHANNEL; that only wakes the hub, which reads
 * what is new by one statement and sends it to the event streams, and wakes the requests that wait (?wait). It also looks
 * by itself every SLUICE_SSE_POLL_MS, so that Redis may be down. Nobody listens: nothing is read. */
#ifndef SLUICE_API_SSE_HUB_H
#define SLUICE_API_SSE_HUB_H

#include "api/sse_stream.h"
#include "api/sse_watch.h"

struct sse_hub;

/* Starts its thread; connects to nothing before somebody listens. `api` is borrowed. ERROR_CONFIG. */
bool sse_hub_new(const struct api *api, struct sse_hub **ret_hub, struct error *err) MUST_CHECK;
void sse_hub_free(struct sse_hub *hub);
DEFINE_CLEANUP(struct sse_hub *, sse_hub)

/* Ends all streams and all waiting, at once and for good. */
void sse_hub_stop(struct sse_hub *hub);

/* This process has committed something to the outbox: tells the other processes, and looks. Never waits. */
void sse_hub_announce(void *hub);

/* Takes one of the SLUICE_SSE_MAX places: OVERLOADED when there is none, RATE_LIMITED when the owner has SLUICE_SSE_OWNER_MAX. */
bool sse_hub_enter(struct sse_hub *hub, const char *owner_id, struct error *err) MUST_CHECK;
void sse_hub_leave(struct sse_hub *hub, const char *owner_id);

/* Hands a stream over, with its place. Its `position` must have been read on the way here: what changed since is sent. */
void sse_hub_add(struct sse_hub *hub, struct sse_stream *stream);

/* Waiting for a change of one file: look at it after sse_hub_watch, and again after each sse_hub_wait, which ends with a
 * change, after timeout_ms, or for no reason. */
void sse_hub_watch(struct sse_hub *hub, struct sse_watch *watch);
void sse_hub_wait(struct sse_hub *hub, struct sse_watch *watch, int64_t timeout_ms);
void sse_hub_unwatch(struct sse_hub *hub, struct sse_watch *watch);

/* Names the labels of its metrics. */
void sse_hub_label_metrics(void);

#endif
