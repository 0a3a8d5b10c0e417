#include "api/admin_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KIBI = 1024, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, TIME_LENGTH = 16 };

void admin_format_bytes(int64_t bytes, char ret_text[ADMIN_FORMAT_SIZE]) {
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < KIBI) {
        snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return;
    }
    double amount = (double)bytes / KIBI;
    size_t unit = 0;
    while (amount >= KIBI - 0.05 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= KIBI;
        unit++;
    }
    snprintf(ret_text, ADMIN_FORMAT_SIZE, "%.1f %s", amount, units[unit]);
}

void admin_format_duration(int64_t seconds, char ret_text[ADMIN_FORMAT_SIZE]) {
    int64_t s = seconds < 0 ? 0 : seconds;
    if (s < MINUTE_S) {
        snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 " s", s);
    } else if (s < HOUR_S) {
        snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 " min %" PRId64 " s", s / MINUTE_S, s % MINUTE_S);
    } else if (s < DAY_S) {
        snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 " h %" PRId64 " min", s / HOUR_S, s % HOUR_S / MINUTE_S);
    } else {
        snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 " d %" PRId64 " h", s / DAY_S, s % DAY_S / HOUR_S);
    }
}

void admin_format_count(int64_t count, int64_t limit, char ret_text[ADMIN_FORMAT_SIZE]) {
    snprintf(ret_text, ADMIN_FORMAT_SIZE, "%" PRId64 "%s", count > limit ? limit : count, count > limit ? "+" : "");
}

void admin_format_time(const char *rfc3339, char ret_text[ADMIN_FORMAT_SIZE]) {
    *ret_text = '\0';
    if (rfc3339 != NULL && strlen(rfc3339) > TIME_LENGTH && rfc3339[10] == 'T') {
        memcpy(ret_text, rfc3339, TIME_LENGTH);
        ret_text[10] = ' ';
        ret_text[TIME_LENGTH] = '\0';
    }
}
