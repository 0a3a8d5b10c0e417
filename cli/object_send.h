/* Sends bytes to the store by a signed request of the API; the store's own complaints become errors. */
#ifndef SLUICE_CLI_OBJECT_SEND_H
#define SLUICE_CLI_OBJECT_SEND_H

#include "cli/file_body.h"
#include "common/json.h"

/* A client for the store, for one thread. ca_file "" or NULL: the system's certificates. */
struct http_client *object_client_new(const char *ca_file);

/* `headers` is a JSON object of those that were signed. A repeat whose first try arrived after all, which the store
 * refuses by If-None-Match, counts as sent. */
bool object_send(struct http_client *store, const char *method, const char *url, const json_t *headers,
                 struct file_body *body, struct http_reply *reply, struct error *err) MUST_CHECK;

/* Before another attempt (the first one failed is number 0): waits, and answers whether one makes sense after this error.
 * Long enough for a store that is restarted. */
bool object_may_retry(unsigned attempt, const struct error *err);

/* Fills err from a reply of the store that is no 2xx, and returns false. Pure. */
bool object_problem(const struct http_reply *reply, struct error *err);

#endif
