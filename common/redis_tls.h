/* TLS to a Redis server, by OpenSSL: on a socket that hiredis has connected, and which stays hiredis' to close. (Debian 12's
 * hiredis has none of its own.) Reading and writing wait as long as the socket's own time-outs allow. Private to redis*.c. */
#ifndef SLUICE_COMMON_REDIS_TLS_H
#define SLUICE_COMMON_REDIS_TLS_H

#include "common/error.h"

#include <sys/types.h>

struct redis_tls;

/* Shakes hands. The server's certificate must be good for `host`, a name or an address, by the CAs in `ca_file` (PEM; NULL:
 * the system's). ERROR_REDIS_UNAVAILABLE. */
bool redis_tls_open(int descriptor, const char *host, const char *ca_file, struct redis_tls **ret_tls,
                    struct error *err) MUST_CHECK;
void redis_tls_free(struct redis_tls *tls);
DEFINE_CLEANUP(struct redis_tls *, redis_tls)

/* All of it, or false and errno, as of send(). */
bool redis_tls_write(struct redis_tls *tls, const void *bytes, size_t length) MUST_CHECK;

/* As recv(): 0 when the server has closed, -1 and errno, EAGAIN when nothing came in time. */
ssize_t redis_tls_read(struct redis_tls *tls, void *ret_bytes, size_t capacity);

/* Whether bytes wait that the socket does not show any more. */
bool redis_tls_has_more(const struct redis_tls *tls);

#endif
