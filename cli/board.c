#include "cli/board.h"

#include "cli/progress.h"
#include "common/clock.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REDRAW_MS = 100, DEFAULT_COLUMNS = 80 };

struct board {
    FILE *out;
    enum board_mode mode;
    size_t columns; /* 0: ask the terminal */
    size_t slots;
    struct progress *uploads; /* label NULL: a free slot */
    size_t drawn;             /* lines on the screen that the next drawing replaces */
    int64_t drawn_ms;
    pthread_mutex_t lock;
};

struct board *board_new(FILE *out, enum board_mode mode, size_t slots, size_t columns) {
    struct board *board = xcalloc(1, sizeof *board);
    board->out = out;
    board->mode = mode;
    board->columns = columns;
    board->slots = slots;
    board->uploads = xcalloc(slots, sizeof *board->uploads);
    pthread_mutex_init(&board->lock, NULL);
    return board;
}

void board_free(struct board *board) {
    if (board != NULL) {
        pthread_mutex_destroy(&board->lock);
        free(board->uploads);
        free(board);
    }
}

/* One column stays free, since some terminals wrap after the last one. */
static size_t columns_of(const struct board *board) {
    struct winsize size = {0};
    if (board->columns > 0) {
        return board->columns;
    }
    bool known = ioctl(fileno(board->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return (known ? size.ws_col : DEFAULT_COLUMNS) - 1U;
}

static void append_bars(struct board *board, struct buf *text) {
    int64_t now_ms = clock_monotonic_ms();
    size_t columns = columns_of(board);
    for (size_t i = 0; i < board->slots; i++) {
        if (board->uploads[i].label != NULL) {
            progress_line(&board->uploads[i], now_ms, columns, text);
            buf_append_char(text, '\n');
            board->drawn++;
        }
    }
    board->drawn_ms = now_ms;
}

/* Replaces the bars by a line (NULL: none) and the bars of now. */
static void redraw(struct board *board, const char *line) {
    _cleanup_(buf_free) struct buf text = {0};
    if (board->drawn > 0) {
        buf_printf(&text, "\033[%zuA\033[J", board->drawn);
    }
    board->drawn = 0;
    if (line != NULL) {
        buf_printf(&text, "%s\n", line);
    }
    if (board->mode == BOARD_BARS) {
        append_bars(board, &text);
    }
    fputs(buf_text(&text), board->out);
    fflush(board->out);
}

void board_start(struct board *board, size_t slot, const char *label, int64_t total) {
    pthread_mutex_lock(&board->lock);
    board->uploads[slot] = (struct progress){.label = label, .total = total, .started_ms = clock_monotonic_ms()};
    pthread_mutex_unlock(&board->lock);
}

void board_advance(struct board *board, size_t slot, int64_t sent) {
    pthread_mutex_lock(&board->lock);
    board->uploads[slot].sent = sent;
    if (board->mode == BOARD_BARS && clock_monotonic_ms() - board->drawn_ms >= REDRAW_MS) {
        redraw(board, NULL);
    }
    pthread_mutex_unlock(&board->lock);
}

static void append_outcome(const struct progress *upload, enum board_outcome outcome, struct buf *line) {
    if (outcome == BOARD_SENT) {
        progress_summary(upload, clock_monotonic_ms(), line);
    } else if (outcome == BOARD_KNOWN) {
        progress_label(line, upload->label, SIZE_MAX);
        buf_append_text(line, "  known already, not sent again");
    }
}

void board_finish(struct board *board, size_t slot, enum board_outcome outcome) {
    _cleanup_(buf_free) struct buf line = {0};
    pthread_mutex_lock(&board->lock);
    struct progress *upload = &board->uploads[slot];
    if (board->mode != BOARD_QUIET) {
        upload->sent = upload->total;
        append_outcome(upload, outcome, &line);
    }
    upload->label = NULL;
    redraw(board, line.length > 0 ? buf_text(&line) : NULL);
    pthread_mutex_unlock(&board->lock);
}

void board_say(struct board *board, const char *line) {
    _cleanup_(buf_free) struct buf text = {0};
    progress_label(&text, line, SIZE_MAX);
    pthread_mutex_lock(&board->lock);
    redraw(board, buf_text(&text));
    pthread_mutex_unlock(&board->lock);
}
