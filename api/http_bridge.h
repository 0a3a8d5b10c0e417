/* Event streams over TLS. The hub writes to a plain socket, so that it gets one end of a pair, and the thread that has the
 * TLS connection passes on what comes out of the other. Such a stream holds a thread as long as it is open. */
#ifndef SLUICE_API_HTTP_BRIDGE_H
#define SLUICE_API_HTTP_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>

/* The end for the hub; *ret_here is the other one. -1 when there is none. Both are the caller's to close. */
int http_bridge_open(int *ret_here);

/* Passes on until the hub closes its end, `write` fails, or `client`, the connection's own socket, is closed by its peer
 * (-1: not looked at). */
void http_bridge_run(int here, int client, bool (*write)(void *context, const void *bytes, size_t length),
                     void *context);

#endif
