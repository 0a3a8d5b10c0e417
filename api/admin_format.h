/* Numbers and times as the admin pages show them. Pure. */
#ifndef SLUICE_API_ADMIN_FORMAT_H
#define SLUICE_API_ADMIN_FORMAT_H

#include <stdint.h>

enum { ADMIN_FORMAT_SIZE = 40 };

/* "0 bytes", "1.5 MiB". */
void admin_format_bytes(int64_t bytes, char ret_text[ADMIN_FORMAT_SIZE]);

/* "0 s", "59 s", "2 min 5 s", "3 h 20 min", "4 d 1 h"; negative counts as 0. */
void admin_format_duration(int64_t seconds, char ret_text[ADMIN_FORMAT_SIZE]);

/* A count that is known up to a limit: "100000+" beyond it. */
void admin_format_count(int64_t count, int64_t limit, char ret_text[ADMIN_FORMAT_SIZE]);

/* "2026-11-27 21:55" of an RFC 3339 time in UTC; "" for NULL and what is none. */
void admin_format_time(const char *rfc3339, char ret_text[ADMIN_FORMAT_SIZE]);

#endif
