/* From a request to its answer: framing, path, route, CORS, credentials, body, handler, log; in this order. */
#ifndef SLUICE_API_DISPATCH_H
#define SLUICE_API_DISPATCH_H

#include "api/api.h"

struct dispatch {
    struct api *api;
    const struct route *routes;
    size_t route_count;
};

/* Both answer the request, and log it. `context` is a struct dispatch. */
void dispatch_request(void *context, struct request *request);
/* For what the HTTP server refuses by itself. */
void dispatch_refusal(void *context, struct request *request, const struct error *err);

#endif
