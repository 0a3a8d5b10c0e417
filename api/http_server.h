/* The HTTP server, by civetweb: connections, threads and bytes. What a request means is decided elsewhere. */
#ifndef SLUICE_API_HTTP_SERVER_H
#define SLUICE_API_HTTP_SERVER_H

#include "api/http_tls.h"
#include "api/request.h"

struct http_server;

struct http_server_options {
    const char *listen; /* as civetweb takes it: address:port */
    struct http_tls tls;
    int64_t threads;
    int64_t request_timeout_ms; /* headers within this, the body within this again; also for a stalled answer */
    /* Called on a thread of its own for each request, with everything set but what the answer needs; answers it. */
    void (*handle)(void *context, struct request *request);
    /* The same for what is no request: the error that the server found. */
    void (*refuse)(void *context, struct request *request, const struct error *err);
    void *context;
};

/* Listens from here on. ERROR_CONFIG when it cannot. */
bool http_server_start(const struct http_server_options *options, struct http_server **ret_server,
                       struct error *err) MUST_CHECK;

/* The port listened on. */
int http_server_port(const struct http_server *server);

/* Waits until no request is being answered, at most timeout_ms; false when some still are. */
bool http_server_wait_idle(struct http_server *server, int64_t timeout_ms);

/* Ends all connections. */
void http_server_free(struct http_server *server);
DEFINE_CLEANUP(struct http_server *, http_server)

#endif
