/* Keys of the API: `sluice_` and 43 characters of base64url, which are 256 random bits. Only their SHA-256 is stored;
 * with that much randomness a plain hash is enough. Pure but for the randomness that `api_key_new` asks for. */
#ifndef SLUICE_COMMON_API_KEY_H
#define SLUICE_COMMON_API_KEY_H

#include "common/crypto.h"

#include <stdbool.h>

enum { API_KEY_RANDOM_SIZE = 32, API_KEY_TEXT_SIZE = sizeof "sluice_" + 43 };

/* The key of 32 random bytes. */
void api_key_make(const unsigned char random[API_KEY_RANDOM_SIZE], char ret_key[API_KEY_TEXT_SIZE]);

/* A key that nobody had before. */
void api_key_new(char ret_key[API_KEY_TEXT_SIZE]);

/* Whether the text has the form of a key. */
bool api_key_valid(const char *text);

/* What api_keys.key_hash holds. */
void api_key_hash(const char *key, unsigned char ret_hash[SHA256_SIZE]);

#endif
