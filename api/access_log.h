/* One line and a few counters for each request that was answered. */
#ifndef SLUICE_API_ACCESS_LOG_H
#define SLUICE_API_ACCESS_LOG_H

#include "api/request.h"

/* Names the routes, error codes and cache results for the metrics; call it once, before any request. */
void access_log_start(const struct route *routes, size_t count);

/* `err` is why the answer is a problem; NULL when it is none. */
void access_log_request(const struct request *request, const struct error *err, int64_t duration_us);

#endif
