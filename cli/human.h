/* Numbers as people read them. Pure. */
#ifndef SLUICE_CLI_HUMAN_H
#define SLUICE_CLI_HUMAN_H

#include <stdint.h>

enum { HUMAN_TEXT_SIZE = 24 };

/* "512 B", "1.5 KiB", "12 MiB": at most one decimal, and none from ten on. */
void human_bytes(int64_t bytes, char ret_text[HUMAN_TEXT_SIZE]);

/* "0.4 s", "42 s", "3:05 min", "2:10 h". */
void human_duration(int64_t milliseconds, char ret_text[HUMAN_TEXT_SIZE]);

#endif
