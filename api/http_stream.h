/* The two directions of a request's connection, as functions, so that handlers know no HTTP server and tests need none. */
#ifndef SLUICE_API_HTTP_STREAM_H
#define SLUICE_API_HTTP_STREAM_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_read_result {
    HTTP_READ_OK,
    HTTP_READ_TIMEOUT, /* it did not come in time */
    HTTP_READ_BROKEN,  /* the connection ended, or broke the rules of chunks */
};

struct http_stream {
    void *context;
    /* Up to `capacity` bytes of the body; ret_length 0 with HTTP_READ_OK is its end. */
    enum http_read_result (*read)(void *context, void *ret_bytes, size_t capacity, size_t *ret_length);
    /* The body's next bytes may take this long from now on, instead of what is left of the time for the whole request. */
    void (*extend)(void *context, int64_t timeout_ms);
    /* All of it, or false: the client is gone or too slow. */
    bool (*write)(void *context, const void *bytes, size_t length);
    /* Takes the connection's socket over from the server, which then knows nothing of it any more: the caller closes it. After
     * the last read and write, with response.close set. -1: it cannot be had. */
    int (*take_socket)(void *context);
};

#endif
