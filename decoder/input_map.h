/* The picture's file as memory, to read only. */
#ifndef SLUICE_DECODER_INPUT_MAP_H
#define SLUICE_DECODER_INPUT_MAP_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input_map {
    const void *bytes;
    size_t size;
};

/* False when the file has no bytes or there is no memory for it. */
bool input_map_open(int input_fd, int64_t size, struct input_map *ret_map) MUST_CHECK;
void input_map_close(struct input_map *map);

#endif
