/* Addresses to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `:8080` or `*:8080` (every IPv4 address). Pure. */
#ifndef SLUICE_COMMON_LISTEN_H
#define SLUICE_COMMON_LISTEN_H

#include "common/error.h"

#include <netinet/in.h>

enum { LISTEN_TEXT_SIZE = INET6_ADDRSTRLEN + sizeof "[]:65535" };

struct listen_address {
    char text[LISTEN_TEXT_SIZE]; /* normal form, an IP address and a port, as civetweb takes it */
    int port;                    /* 0: the system chooses one */
    bool is_loopback;            /* only this host can connect */
};

/* ERROR_CONFIG when it is not an address and a port. Host names are not looked up. */
bool listen_parse(const char *text, struct listen_address *ret_address, struct error *err) MUST_CHECK;

#endif
