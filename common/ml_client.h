/* A client of Immich's machine-learning service: `POST /predict` with a form of `entries` (which model) and `image` or `text`;
 * the answer's `clip` is a string that holds a JSON array. Source: machine-learning/ of github.com/immich-app/immich.
 *
 * One client belongs to one thread. Codes: ML_UNAVAILABLE (no connection, a time-out, 502 to 504), ML_REFUSED (any other
 * status than 200), ML_BAD_REPLY (an answer that cannot be used).
 */
#ifndef SLUICE_COMMON_ML_CLIENT_H
#define SLUICE_COMMON_ML_CLIENT_H

#include "common/embedding.h"

#include <stdint.h>

struct ml_options {
    const char *url;     /* of the service, without /predict */
    const char *model;   /* such as ViT-B-32__openai */
    int64_t timeout_ms;  /* of one request; the first one loads the model, which may take minutes */
    const char *ca_file; /* PEM; NULL or "": the system's CAs */
};

struct ml_client;

/* Whether SLUICE_ML_URL can be used; "" is no service, and fine. ERROR_CONFIG. */
bool ml_client_check(const char *url, struct error *err) MUST_CHECK;

/* ERROR_CONFIG for a URL that ml_client_check refuses. Connects on first use. */
bool ml_client_new(const struct ml_options *options, struct ml_client **ret_client, struct error *err) MUST_CHECK;
void ml_client_free(struct ml_client *client);
DEFINE_CLEANUP(struct ml_client *, ml_client)

/* The vector of a picture, given as an encoded file. */
bool ml_client_image(struct ml_client *client, const struct buf *picture, const char *content_type,
                     struct embedding *ret_embedding, struct error *err) MUST_CHECK;

/* The vector of a text, in the same space. */
bool ml_client_text(struct ml_client *client, const char *text, struct embedding *ret_embedding,
                    struct error *err) MUST_CHECK;

/* Whether the service answers at all (GET /ping), within seconds. */
bool ml_client_ping(struct ml_client *client, struct error *err) MUST_CHECK;

/* Pure: the vector in the body of an answer. */
bool ml_reply_parse(const char *body, size_t length, struct embedding *ret_embedding, struct error *err) MUST_CHECK;

#endif
