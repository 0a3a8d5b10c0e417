/* Capability tokens in the database: making, finding, using and revoking them. */
#ifndef SLUICE_COMMON_UPLOAD_TOKEN_STORE_H
#define SLUICE_COMMON_UPLOAD_TOKEN_STORE_H

#include "common/clock.h"
#include "common/db.h"
#include "common/id.h"
#include "common/upload_token.h"

/* A new token; texts are borrowed. */
struct upload_token_draft {
    char token_id[ID_TEXT_SIZE];
    unsigned char hash[SHA256_SIZE];
    const char *owner_id;
    const char *name;
    int64_t expires_in_s;
    int64_t max_uploads; /* -1: any number */
    int64_t max_bytes;   /* of each file; -1: what everybody may */
    char patterns[UPLOAD_TOKEN_TYPES_MAX][UPLOAD_TOKEN_PATTERN_SIZE];
    size_t pattern_count; /* 0: any type */
};

/* Fills in id and hash, and gives the token, which is nowhere else. */
void upload_token_draft_start(struct upload_token_draft *draft, char ret_token[UPLOAD_TOKEN_TEXT_SIZE]);

bool upload_token_create(struct db *db, const struct upload_token_draft *draft, char ret_expires_at[CLOCK_TEXT_SIZE],
                         struct error *err) MUST_CHECK;

/* A token that is there, as a request needs it. */
struct upload_token {
    char token_id[ID_TEXT_SIZE];
    char *owner_id;
    int64_t max_bytes; /* -1: what everybody may */
    char *patterns;    /* of content types, joined by ','; "": any */
};

void upload_token_free(struct upload_token *token);
DEFINE_CLEANUP(struct upload_token *, upload_token)

/* By upload_token_hash. NOT_FOUND also for a revoked one, TOKEN_EXPIRED. */
bool upload_token_find(struct db *db, const unsigned char hash[SHA256_SIZE], struct upload_token **ret_token,
                       struct error *err) MUST_CHECK;

/* Counts a new file as one use, in the transaction that inserts it. TOKEN_USED_UP when nothing is left. */
bool upload_token_use(struct db *db, const char *token_id, const char *file_id, struct error *err) MUST_CHECK;

/* From now on it is not found. owner_id NULL: whoever's it is. NOT_FOUND. */
bool upload_token_revoke(struct db *db, const char *token_id, const char *owner_id, struct error *err) MUST_CHECK;

#endif
