#include "cli/clock_skew.h"

enum { LEVEL_MS = 2000, MS_PER_S = 1000, MS_PER_TENTH_MIN = 6000, MINUTES_FROM_MS = 120 * 1000 };

static int64_t magnitude(int64_t number) {
    return number < 0 ? -number : number;
}

enum clock_skew clock_skew_of(int64_t skew_ms) {
    int64_t size_ms = magnitude(skew_ms);
    return size_ms > CLOCK_SKEW_FAIL_MS   ? CLOCK_SKEW_TOO_MUCH
           : size_ms > CLOCK_SKEW_WARN_MS ? CLOCK_SKEW_SOME
                                          : CLOCK_SKEW_NONE;
}

void clock_skew_text(int64_t skew_ms, const char *whose, struct buf *out) {
    int64_t size_ms = magnitude(skew_ms);
    const char *side = skew_ms > 0 ? "ahead of" : "behind";
    if (size_ms < LEVEL_MS) {
        buf_printf(out, "level with %s", whose);
    } else if (size_ms < MINUTES_FROM_MS) {
        buf_printf(out, "%lld s %s %s", (long long)(size_ms / MS_PER_S), side, whose);
    } else {
        long long tenths = (long long)((size_ms + MS_PER_TENTH_MIN / 2) / MS_PER_TENTH_MIN);
        buf_printf(out, "%lld.%lld min %s %s", tenths / 10, tenths % 10, side, whose);
    }
}
