/* Time: milliseconds since the epoch for dates, a monotonic clock for durations and deadlines. */
#ifndef SLUICE_COMMON_CLOCK_H
#define SLUICE_COMMON_CLOCK_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CLOCK_TEXT_SIZE = sizeof "2026-11-20T12:34:56.789Z",      /* RFC 3339 with milliseconds */
    CLOCK_AMZ_SIZE = sizeof "20261120T123456Z",               /* ISO 8601 basic, as SigV4 wants it */
    CLOCK_HTTP_SIZE = sizeof "Fri, 20 Nov 2026 12:34:56 GMT", /* IMF-fixdate of RFC 9110, section 5.6.7 */
};

int64_t clock_now_ms(void);       /* wall clock, ms since 1970 UTC */
int64_t clock_monotonic_ms(void); /* never goes back; only differences mean anything */
int64_t clock_monotonic_us(void);

void clock_format_rfc3339(int64_t epoch_ms, char ret_text[CLOCK_TEXT_SIZE]);
void clock_format_amz(int64_t epoch_ms, char ret_text[CLOCK_AMZ_SIZE]);
void clock_format_http(int64_t epoch_ms, char ret_text[CLOCK_HTTP_SIZE]);

/* `2026-11-20T12:34:56[.789][Z|+02:00]` (UTC when it says no offset) or the date of an HTTP header, `Fri, 20 Nov 2026 12:34:56 GMT`; else 0. */
int64_t clock_parse(const char *text);

/* Sleeps; returns early when a signal arrives. */
void clock_sleep_ms(int64_t duration_ms);

#endif
