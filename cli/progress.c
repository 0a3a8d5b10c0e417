#include "cli/progress.h"

#include "cli/human.h"

#include <string.h>

enum { LABEL_MIN = 12, LABEL_MAX = 40, BAR_MIN = 6, BAR_MAX = 30, NUMBERS_SIZE = 120 };

static bool starts_character(char byte) {
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t columns_of(const char *text) {
    size_t columns = 0;
    for (; *text != '\0'; text++) {
        columns += starts_character(*text) ? 1 : 0;
    }
    return columns;
}

size_t progress_label(struct buf *out, const char *text, size_t width) {
    size_t columns = columns_of(text);
    if (columns > width) {
        for (size_t skip = columns - width + 1; skip > 0; skip--) {
            do {
                text++;
            } while (*text != '\0' && !starts_character(*text));
        }
        buf_append_text(out, "…");
        columns = width;
    }
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        buf_append_char(out, byte < 0x20 || byte == 0x7f ? '?' : *text);
    }
    return columns;
}

/* Bytes a second since the start; 0 while nothing can be said. */
static int64_t rate_of(const struct progress *progress, int64_t now_ms) {
    int64_t elapsed_ms = now_ms - progress->started_ms;
    return elapsed_ms > 0 ? (int64_t)((double)progress->sent * 1000 / (double)elapsed_ms) : 0;
}

static void format_numbers(const struct progress *progress, int64_t now_ms, char ret_text[NUMBERS_SIZE]) {
    char sent[HUMAN_TEXT_SIZE];
    char total[HUMAN_TEXT_SIZE];
    char rate_text[HUMAN_TEXT_SIZE];
    char left[HUMAN_TEXT_SIZE] = "?";
    int64_t rate = rate_of(progress, now_ms);
    human_bytes(progress->sent, sent);
    human_bytes(progress->total, total);
    human_bytes(rate, rate_text);
    if (rate > 0) {
        human_duration((int64_t)((double)(progress->total - progress->sent) * 1000 / (double)rate), left);
    }
    int64_t percent = progress->total > 0 ? (int64_t)((double)progress->sent * 100 / (double)progress->total) : 100;
    snprintf(ret_text, NUMBERS_SIZE, "%3d %%  %s of %s  %s/s  %s left", (int)percent, sent, total, rate_text, left);
}

static void append_bar(struct buf *out, const struct progress *progress, size_t width) {
    double share = progress->total > 0 ? (double)progress->sent / (double)progress->total : 1;
    size_t done = (size_t)(share * (double)width);
    buf_append_char(out, '[');
    for (size_t i = 0; i < width; i++) {
        buf_append_char(out, i < done ? '#' : '.');
    }
    buf_append_text(out, "]  ");
}

void progress_line(const struct progress *progress, int64_t now_ms, size_t width, struct buf *out) {
    char numbers[NUMBERS_SIZE];
    format_numbers(progress, now_ms, numbers);
    size_t rest = width > strlen(numbers) + 2 ? width - strlen(numbers) - 2 : 0;
    if (rest < LABEL_MIN) {
        progress_label(out, progress->label, width);
        return;
    }
    size_t label = rest < LABEL_MAX ? rest : LABEL_MAX;
    if (rest >= LABEL_MIN + BAR_MIN + 4 && rest < LABEL_MAX + BAR_MIN + 4) {
        label = rest - BAR_MIN - 4;
    }
    size_t used = progress_label(out, progress->label, label);
    buf_append_text(out, "  ");
    size_t bar = rest >= used + 4 ? rest - used - 4 : 0;
    if (bar >= BAR_MIN) {
        append_bar(out, progress, bar < BAR_MAX ? bar : BAR_MAX);
    }
    buf_append_text(out, numbers);
}

void progress_summary(const struct progress *progress, int64_t now_ms, struct buf *out) {
    char total[HUMAN_TEXT_SIZE];
    char duration[HUMAN_TEXT_SIZE];
    char rate[HUMAN_TEXT_SIZE];
    human_bytes(progress->total, total);
    human_duration(now_ms - progress->started_ms, duration);
    human_bytes(rate_of(progress, now_ms), rate);
    progress_label(out, progress->label, SIZE_MAX);
    buf_printf(out, "  %s in %s (%s/s)", total, duration, rate);
}
