/* Identifiers: UUIDv7 (RFC 9562, section 5.7), so that they sort by time and cannot be guessed. */
#ifndef SLUICE_COMMON_ID_H
#define SLUICE_COMMON_ID_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_TEXT_SIZE = 37, ID_RANDOM_SIZE = 10 };

/* Pure: the id of a time and ten random bytes. */
void id_make(int64_t epoch_ms, const unsigned char random[ID_RANDOM_SIZE], char ret_text[ID_TEXT_SIZE]);

/* An id of now. */
void id_new(char ret_text[ID_TEXT_SIZE]);

/* A UUID of any version in its usual 36-character form, either case. */
bool id_valid(const char *text);

#endif
