/* The uploads that run, on stderr: bars that redraw themselves on a terminal, a line for each finished one elsewhere.
 * May be used by several threads. */
#ifndef SLUICE_CLI_BOARD_H
#define SLUICE_CLI_BOARD_H

#include "common/cleanup.h"

#include <stdint.h>

enum board_mode { BOARD_QUIET, BOARD_LINES, BOARD_BARS };

struct board;

/* One slot for each upload that may run at the same time. `columns` 0 asks the terminal. */
struct board *board_new(FILE *out, enum board_mode mode, size_t slots, size_t columns);
void board_free(struct board *board);
DEFINE_CLEANUP(struct board *, board)

/* The label must stay until board_finish. */
void board_start(struct board *board, size_t slot, const char *label, int64_t total);
void board_advance(struct board *board, size_t slot, int64_t sent);
enum board_outcome {
    BOARD_SENT,
    BOARD_KNOWN, /* nothing had to be sent */
    BOARD_FAILED,
};

/* Clears the slot; an upload that did not fail leaves a line above the bars. */
void board_finish(struct board *board, size_t slot, enum board_outcome outcome);
/* Writes a line above the bars, whatever the mode. */
void board_say(struct board *board, const char *line);

#endif
