/* Messages quote what the store or a sender of events said, and may be cut within a character; the database takes UTF-8. */
#ifndef SLUICE_PROCESSOR_STORABLE_H
#define SLUICE_PROCESSOR_STORABLE_H

#include "common/encode.h"

#include <string.h>

static inline void make_storable(char *message) {
    if (utf8_valid(message, strlen(message))) {
        return;
    }
    for (char *c = message; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) {
            *c = '?';
        }
    }
}

#endif
