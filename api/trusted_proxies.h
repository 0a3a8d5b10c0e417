/* Whose word on the client's address is taken: proxies in front of the API, by address or network. Without them every request
 * of a proxy seems to come from it, and limits by address would hold all clients up together. */
#ifndef SLUICE_API_TRUSTED_PROXIES_H
#define SLUICE_API_TRUSTED_PROXIES_H

#include "api/request.h"

struct trusted_proxies;

/* `list` is SLUICE_TRUSTED_PROXIES: comma-separated addresses and networks such as 10.0.0.0/8 and fd00::/8. ERROR_CONFIG for
 * what is none. */
bool trusted_proxies_new(const char *list, struct trusted_proxies **ret_proxies, struct error *err) MUST_CHECK;
void trusted_proxies_free(struct trusted_proxies *proxies);
DEFINE_CLEANUP(struct trusted_proxies *, trusted_proxies)

/* Makes request->remote_address the client's when a trusted proxy sent the request: of X-Forwarded-For, read from its end,
 * the first address that is no trusted proxy's; what stands before it anybody may have written. An entry that is no address
 * ends the reading. */
void trusted_proxies_find_client(const struct trusted_proxies *proxies, struct request *request);

#endif
