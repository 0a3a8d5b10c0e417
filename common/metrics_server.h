/* A small HTTP listener for a daemon that has no API: GET /metrics (Prometheus text) and GET /healthz. By civetweb; the
 * other place that uses it is the API. */
#ifndef SLUICE_COMMON_METRICS_SERVER_H
#define SLUICE_COMMON_METRICS_SERVER_H

#include "common/error.h"

struct metrics_server_options {
    const char *listen;             /* host:port, as listen.h takes it */
    void (*refresh)(void *context); /* brings gauges up to date before they are printed; may be NULL */
    bool (*healthy)(void *context, struct error *reason); /* what /healthz answers: 200, or 503 with the reason's public
                                                            title; NULL: always 200 */
    void *context;
};

struct metrics_server;

/* The callbacks run on threads of the server. Fork before this: a child would inherit the listening socket. ERROR_CONFIG
 * when the address cannot be listened on. */
bool metrics_server_start(const struct metrics_server_options *options, struct metrics_server **ret_server,
                          struct error *err) MUST_CHECK;

/* The port in use, also when the options left its choice to the system. */
int metrics_server_port(const struct metrics_server *server);

/* Ends the threads, which takes civetweb up to two seconds, and frees the server; NULL is fine. */
void metrics_server_stop(struct metrics_server *server);

static inline void metrics_server_stopp(struct metrics_server **server) {
    metrics_server_stop(*server);
}

#endif
