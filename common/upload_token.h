/* Capability tokens: a secret in an address, below which its holder may upload within limits. `sct_` and 64 lower-case hex
 * digits, which are 256 random bits; only their SHA-256 is stored. Pure but for the randomness that `upload_token_new`
 * asks for. */
#ifndef SLUICE_COMMON_UPLOAD_TOKEN_H
#define SLUICE_COMMON_UPLOAD_TOKEN_H

#include "common/crypto.h"

#include <stdbool.h>

#define UPLOAD_TOKEN_PREFIX "sct_"

enum {
    UPLOAD_TOKEN_RANDOM_SIZE = 32,
    UPLOAD_TOKEN_TEXT_SIZE = sizeof UPLOAD_TOKEN_PREFIX + 64,
    UPLOAD_TOKEN_EXPIRES_S = 3600, /* unless told otherwise */
    UPLOAD_TOKEN_EXPIRES_MAX_S = 7 * 86400,
    UPLOAD_TOKEN_UPLOADS_MAX = 1000000000,
    UPLOAD_TOKEN_TYPES_MAX = 50,     /* patterns of one token */
    UPLOAD_TOKEN_PATTERN_SIZE = 128, /* of a pattern, with its NUL */
};

/* The token of 32 random bytes. */
void upload_token_make(const unsigned char random[UPLOAD_TOKEN_RANDOM_SIZE], char ret_token[UPLOAD_TOKEN_TEXT_SIZE]);

/* A token that nobody had before. */
void upload_token_new(char ret_token[UPLOAD_TOKEN_TEXT_SIZE]);

/* Whether the text has the form of a token. */
bool upload_token_valid(const char *text);

/* What upload_tokens.token_hash holds. */
void upload_token_hash(const char *token, unsigned char ret_hash[SHA256_SIZE]);

/* A pattern of media types, `image/png` or `image/` and a star: lowered; false for what is none. */
bool upload_token_pattern(const char *text, char ret_pattern[UPLOAD_TOKEN_PATTERN_SIZE]);

/* Whether a media type, whatever its parameters, fits one of the patterns (joined by ','; none: any). */
bool upload_token_allows(const char *patterns, const char *content_type);

#endif
