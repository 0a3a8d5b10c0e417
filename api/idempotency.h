/* First answers to requests with an Idempotency-Key, so that a repeat gets the same one. */
#ifndef SLUICE_API_IDEMPOTENCY_H
#define SLUICE_API_IDEMPOTENCY_H

#include "api/request.h"
#include "common/crypto.h"
#include "common/db.h"

enum { IDEMPOTENCY_KEY_MAX = 255, IDEMPOTENCY_TTL_S = 2 * 86400 };
enum { IDEMPOTENCY_ATTEMPTS = 3 }; /* to find the first answer or to be it */

/* Header of an answer that was given before. */
#define IDEMPOTENT_REPLAYED "Idempotent-Replayed"

struct idempotency {
    const char *owner_id;
    const char *key;
    unsigned char request_hash[SHA256_SIZE]; /* of method, path and body */
};

/* What was answered. */
struct idempotency_answer {
    int status; /* 0: nothing yet */
    char *body; /* the caller frees it */
};

/* 1 to IDEMPOTENCY_KEY_MAX visible ASCII characters. Pure. */
bool idempotency_key_valid(const char *key);

/* The request's Idempotency-Key, and what it stands for; key NULL: it has none. Texts are borrowed. VALIDATION_FAILED. */
bool idempotency_of(const struct request *request, struct idempotency *ret_idempotency, struct error *err) MUST_CHECK;

/* IDEMPOTENCY_KEY_REUSED when the key came with another request. */
bool idempotency_find(struct db *db, const struct idempotency *idempotency, struct idempotency_answer *ret_answer,
                      struct error *err) MUST_CHECK;

/* Within the transaction that does what the answer says. ret_first false: somebody else was first; roll back and find. */
bool idempotency_store(struct db *db, const struct idempotency *idempotency, int status, const char *body,
                       bool *ret_first, struct error *err) MUST_CHECK;

#endif
