/* Objects that `sluice doctor` uploads to see whether uploads and their events arrive: where they lie, and how the
 * processor tells them from uploads whose record is missing. Pure. */
#ifndef SLUICE_COMMON_PROBE_H
#define SLUICE_COMMON_PROBE_H

#include <stdbool.h>
#include <string.h>

/* Below a prefix whose events are subscribed; no upload's key begins so. */
#define PROBE_PREFIX "files/.doctor/"

static inline bool probe_is_key(const char *key) {
    return strncmp(key, PROBE_PREFIX, sizeof PROBE_PREFIX - 1) == 0;
}

#endif
