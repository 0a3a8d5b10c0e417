/* The path of a request: split at its slashes first, decoded after, so that an encoded slash stays within its segment.
 * Pure. */
#ifndef SLUICE_API_REQUEST_PATH_H
#define SLUICE_API_REQUEST_PATH_H

#include "common/buf.h"
#include "common/error.h"

enum { REQUEST_PATH_SEGMENTS_MAX = 8 };

struct request_path {
    const char *segments[REQUEST_PATH_SEGMENTS_MAX]; /* decoded; "/files/x" has two, "/" has one that is empty */
    size_t count;                                    /* REQUEST_PATH_SEGMENTS_MAX + 1 when there are more than fit */
    struct buf texts;                                /* private */
};

/* BAD_REQUEST for a broken escape, a NUL, or what is no UTF-8. */
bool request_path_parse(const char *raw, struct request_path *ret_path, struct error *err) MUST_CHECK;
void request_path_free(struct request_path *path);

#endif
