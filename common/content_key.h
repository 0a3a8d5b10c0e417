/* The key of a file's content in the cache. */
#ifndef SLUICE_COMMON_CONTENT_KEY_H
#define SLUICE_COMMON_CONTENT_KEY_H

#include "common/id.h"

#include <stdio.h>

#define CONTENT_KEY_PREFIX "file_content:"

enum { CONTENT_KEY_SIZE = sizeof CONTENT_KEY_PREFIX + ID_TEXT_SIZE };

static inline void content_key(const char *file_id, char ret_key[CONTENT_KEY_SIZE]) {
    snprintf(ret_key, CONTENT_KEY_SIZE, CONTENT_KEY_PREFIX "%s", file_id);
}

#endif
