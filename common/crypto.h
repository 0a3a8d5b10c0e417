/* Hashes, HMAC and randomness, by OpenSSL. */
#ifndef SLUICE_COMMON_CRYPTO_H
#define SLUICE_COMMON_CRYPTO_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65, SHA1_HEX_SIZE = 41 };

struct sha256; /* a hash in the making */

struct sha256 *sha256_new(void);
void sha256_update(struct sha256 *hash, const void *bytes, size_t length);
/* Ends the hash; only sha256_free may follow. */
void sha256_finish(struct sha256 *hash, unsigned char ret_digest[SHA256_SIZE]);
void sha256_free(struct sha256 *hash);
DEFINE_CLEANUP(struct sha256 *, sha256)

void sha256_of(const void *bytes, size_t length, unsigned char ret_digest[SHA256_SIZE]);
void sha256_hex_of(const void *bytes, size_t length, char ret_hex[SHA256_HEX_SIZE]);

/* Redis names its scripts by their SHA-1; good for nothing else. */
void sha1_hex_of(const void *bytes, size_t length, char ret_hex[SHA1_HEX_SIZE]);

/* RFC 2104 with SHA-256. */
void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 unsigned char ret_digest[SHA256_SIZE]);

/* A key made ready for many HMACs, each at a quarter of the cost of hmac_sha256. Any number of threads may use
 * it at once. */
struct hmac_key;

struct hmac_key *hmac_key_new(const void *key, size_t key_length);
void hmac_key_digest(const struct hmac_key *key, const void *bytes, size_t length,
                     unsigned char ret_digest[SHA256_SIZE]);
void hmac_key_free(struct hmac_key *key);
DEFINE_CLEANUP(struct hmac_key *, hmac_key)

/* AES-256-GCM with a random nonce in front and the tag behind: what comes out is AEAD_OVERHEAD longer. `context` is bound to it:
 * only with the same one is it opened again. */
enum { AEAD_NONCE_SIZE = 12, AEAD_TAG_SIZE = 16, AEAD_OVERHEAD = AEAD_NONCE_SIZE + AEAD_TAG_SIZE };

void aead_seal(const unsigned char key[SHA256_SIZE], const char *context, const void *bytes, size_t length,
               unsigned char *ret_sealed);
/* `length` is that of what was sealed; ret_bytes has AEAD_OVERHEAD less. False: another key or context, or changed bytes. */
bool aead_open(const unsigned char key[SHA256_SIZE], const char *context, const unsigned char *sealed, size_t length,
               unsigned char *ret_bytes) MUST_CHECK;

/* Bytes fit for keys; aborts when the system has none. */
void random_bytes(void *ret_bytes, size_t length);

/* Compares in a time that does not depend on where they differ. */
bool bytes_equal(const void *left, const void *right, size_t length);

#endif
