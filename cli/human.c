#include "cli/human.h"

#include <inttypes.h>
#include <stdio.h>

void human_bytes(int64_t bytes, char ret_text[HUMAN_TEXT_SIZE]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) {
        snprintf(ret_text, HUMAN_TEXT_SIZE, "%" PRId64 " B", bytes);
        return;
    }
    double value = (double)bytes;
    size_t unit = 0;
    /* From 1,023.5 on the next unit reads better than "1024". */
    while (value >= 1023.5 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    snprintf(ret_text, HUMAN_TEXT_SIZE, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void human_duration(int64_t milliseconds, char ret_text[HUMAN_TEXT_SIZE]) {
    int64_t seconds = milliseconds / 1000;
    if (seconds < 10) {
        snprintf(ret_text, HUMAN_TEXT_SIZE, "%" PRId64 ".%" PRId64 " s", seconds, milliseconds / 100 % 10);
    } else if (seconds < 100) {
        snprintf(ret_text, HUMAN_TEXT_SIZE, "%" PRId64 " s", seconds);
    } else if (seconds < 6000) {
        snprintf(ret_text, HUMAN_TEXT_SIZE, "%" PRId64 ":%02" PRId64 " min", seconds / 60, seconds % 60);
    } else {
        snprintf(ret_text, HUMAN_TEXT_SIZE, "%" PRId64 ":%02" PRId64 " h", seconds / 3600, seconds / 60 % 60);
    }
}
