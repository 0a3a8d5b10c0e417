/* Several JSON texts one after the other, with or without white space between them. Pure. */
#ifndef SLUICE_API_JSON_SEQUENCE_H
#define SLUICE_API_JSON_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the next object or array from *at on, by brackets alone: what is between them may still be no JSON. Moves *at
 * behind it. False when nothing but white space is left, or when something else comes: then *at is where that starts. */
bool json_sequence_next(const char *bytes, size_t length, size_t *at, size_t *ret_start, size_t *ret_length);

#endif
