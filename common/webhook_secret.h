/* The secrets of webhook endpoints, and what they sign.
 *
 * Source: Standard Webhooks 1.0.0, "Signature scheme" (symmetric): a secret is "whsec_" and base64 of 24 to 64 bytes; a
 * signature is "v1," and base64 of the HMAC-SHA256 of "id.timestamp.body". Pure but for the randomness of new secrets. */
#ifndef SLUICE_COMMON_WEBHOOK_SECRET_H
#define SLUICE_COMMON_WEBHOOK_SECRET_H

#include "common/buf.h"
#include "common/error.h"
#include "common/id.h"

enum {
    WEBHOOK_SECRET_BYTES = 24,
    WEBHOOK_SECRET_SIZE = sizeof "whsec_" + (size_t)WEBHOOK_SECRET_BYTES / 3 * 4, /* with NUL */
    WEBHOOK_SEALED_SIZE = 96,                                                     /* as stored; with NUL */
};

void webhook_secret_new(char ret_secret[WEBHOOK_SECRET_SIZE]);

/* As it is stored: encrypted with a key (AES-256-GCM, bound to its endpoint), or, with "", as it is. */
void webhook_secret_seal(const char *secret, const char *master_key, const char *endpoint_id,
                         char ret_stored[WEBHOOK_SEALED_SIZE]);
/* The reverse; what was stored as it is stays readable with a key. WEBHOOK_SECRET_UNUSABLE: another key, or none. */
bool webhook_secret_open(const char *stored, const char *master_key, const char *endpoint_id,
                         char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) MUST_CHECK;

/* Appends a signature to the value of webhook-signature, after a space when there is one already. False: no secret. */
bool webhook_sign(const char *secret, const char *event_id, int64_t timestamp_s, const char *body, size_t length,
                  struct buf *signatures) MUST_CHECK;

#endif
