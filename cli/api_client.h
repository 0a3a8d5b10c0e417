/* Calls of Sluice's own HTTP API: JSON in, JSON out, problems as errors. One client belongs to one thread. */
#ifndef SLUICE_CLI_API_CLIENT_H
#define SLUICE_CLI_API_CLIENT_H

#include "cli/file_body.h"
#include "common/json.h"

struct api_client;

/* `key` "" or NULL: none is sent. */
struct api_client *api_client_new(const char *url, const char *key);
void api_client_free(struct api_client *client);
DEFINE_CLEANUP(struct api_client *, api_client)

/* Sends a request (body NULL: none) and parses the reply. A GET, and a call that is given an idempotency key, is repeated
 * when it fails on the way. An answer that is no 2xx fails with its problem's code and detail. ret_reply may be NULL. */
struct api_call {
    const char *method;
    const char *path; /* with the query, encoded */
    const json_t *body;
    bool idempotent;
    const char *idempotency_key; /* NULL: none */
    int64_t timeout_s;           /* 0: the usual one */
};
bool api_client_call(struct api_client *client, const struct api_call *call, json_t **ret_reply,
                     struct error *err) MUST_CHECK;

/* Posts a form whose file streams from disk. With an idempotency key it is repeated as a call is. `seconds` is the longest that it
 * may take, the answer included. */
struct api_form {
    const char *path;
    const char *content_type;
    const char *idempotency_key; /* NULL: none */
    struct file_body *body;
    int64_t seconds;
};
bool api_client_post_form(struct api_client *client, const struct api_form *form, json_t **ret_reply,
                          struct error *err) MUST_CHECK;

/* Streams what a GET answers. */
bool api_client_download(struct api_client *client, const char *path, http_sink sink, void *sink_context,
                         struct error *err) MUST_CHECK;

/* Fills err from an answer that is no 2xx, and returns false. Pure. */
bool api_problem(const struct http_reply *reply, struct error *err);

#endif
