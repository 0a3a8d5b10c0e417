/* A deadline for calls that wait: when it has passed, a signal makes the system call of the thread end with EINTR, again
 * and again until the deadline is taken off.
 *
 * civetweb's mg_read waits anew for each byte that drips in; this is what ends it. One deadline belongs to one thread. */
#ifndef SLUICE_API_HTTP_DEADLINE_H
#define SLUICE_API_HTTP_DEADLINE_H

#include "common/cleanup.h"

#include <stdint.h>

struct http_deadline;

/* For the calling thread; NULL when the system has no timer left. */
struct http_deadline *http_deadline_new(void);
void http_deadline_free(struct http_deadline *deadline);
DEFINE_CLEANUP(struct http_deadline *, http_deadline)

/* NULL is accepted by both: then nothing ends the call. */
void http_deadline_set(struct http_deadline *deadline, int64_t after_ms);
void http_deadline_clear(struct http_deadline *deadline);

#endif
