/* The parts of redis://[[user]:password@]host[:port][/database] (IANA's provisional "redis" scheme), or of rediss:// for TLS,
 * which may end with ?ssl_ca_certs=FILE, as redis-py has it. Pure. */
#ifndef SLUICE_COMMON_REDIS_URL_H
#define SLUICE_COMMON_REDIS_URL_H

#include "common/error.h"

#include <stdint.h>

struct redis_url {
    char *host;     /* an IPv6 address without its brackets */
    char *user;     /* NULL: none */
    char *password; /* NULL: none */
    bool tls;
    char *ca_file; /* PEM; NULL: the system's CAs */
    int port;
    int64_t database;
};

/* ERROR_CONFIG, with a message that repeats nothing of the URL, since it may hold a password. User and password are
 * percent-decoded. The caller frees by redis_url_free. */
bool redis_url_parse(const char *text, struct redis_url *ret_url, struct error *err) MUST_CHECK;
void redis_url_free(struct redis_url *url);

#endif
