#include "common/crypto.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HMAC_BLOCK_SIZE = 64 };

static EVP_MD *sha256_algorithm;

/* Fetched once: an implicit fetch on every digest costs more than hashing a short text. */
static void fetch_sha256(void) {
    sha256_algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static const EVP_MD *sha256_method(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch_sha256);
    return sha256_algorithm;
}

static void require(bool success) {
    if (!success) {
        fputs("sluice: the crypto library failed\n", stderr);
        abort();
    }
}

struct sha256 *sha256_new(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context != NULL && EVP_DigestInit_ex(context, sha256_method(), NULL) == 1);
    return (struct sha256 *)context;
}

void sha256_update(struct sha256 *hash, const void *bytes, size_t length) {
    require(EVP_DigestUpdate((EVP_MD_CTX *)hash, bytes, length) == 1);
}

void sha256_finish(struct sha256 *hash, unsigned char ret_digest[SHA256_SIZE]) {
    require(EVP_DigestFinal_ex((EVP_MD_CTX *)hash, ret_digest, NULL) == 1);
}

void sha256_free(struct sha256 *hash) {
    EVP_MD_CTX_free((EVP_MD_CTX *)hash);
}

void sha256_of(const void *bytes, size_t length, unsigned char ret_digest[SHA256_SIZE]) {
    require(EVP_Digest(bytes, length, ret_digest, NULL, sha256_method(), NULL) == 1);
}

void sha256_hex_of(const void *bytes, size_t length, char ret_hex[SHA256_HEX_SIZE]) {
    unsigned char digest[SHA256_SIZE];
    sha256_of(bytes, length, digest);
    encode_hex(digest, sizeof digest, ret_hex);
}

void sha1_hex_of(const void *bytes, size_t length, char ret_hex[SHA1_HEX_SIZE]) {
    unsigned char digest[SHA_DIGEST_LENGTH];
    require(EVP_Digest(bytes, length, digest, NULL, EVP_sha1(), NULL) == 1);
    encode_hex(digest, sizeof digest, ret_hex);
}

void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 unsigned char ret_digest[SHA256_SIZE]) {
    unsigned digest_length = 0;
    require(HMAC(sha256_method(), key, (int)key_length, bytes, length, ret_digest, &digest_length) != NULL);
}

/* The two hashes of RFC 2104 with the key's blocks behind them. EVP_MAC does the same, but looks up its parameters by
 * name for every message. */
struct hmac_key {
    EVP_MD_CTX *inner, *outer;
};

static EVP_MD_CTX *start_with_block(const unsigned char block[HMAC_BLOCK_SIZE]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context != NULL && EVP_DigestInit_ex(context, sha256_method(), NULL) == 1 &&
            EVP_DigestUpdate(context, block, HMAC_BLOCK_SIZE) == 1);
    return context;
}

struct hmac_key *hmac_key_new(const void *key, size_t key_length) {
    unsigned char inner[HMAC_BLOCK_SIZE] = {0};
    unsigned char outer[HMAC_BLOCK_SIZE];
    if (key_length > HMAC_BLOCK_SIZE) {
        sha256_of(key, key_length, inner);
    } else {
        memcpy(inner, key, key_length);
    }
    for (size_t i = 0; i < HMAC_BLOCK_SIZE; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    struct hmac_key *ready = xcalloc(1, sizeof *ready);
    ready->inner = start_with_block(inner);
    ready->outer = start_with_block(outer);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
    return ready;
}

void hmac_key_digest(const struct hmac_key *key, const void *bytes, size_t length,
                     unsigned char ret_digest[SHA256_SIZE]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context != NULL && EVP_MD_CTX_copy_ex(context, key->inner) == 1 &&
            EVP_DigestUpdate(context, bytes, length) == 1 && EVP_DigestFinal_ex(context, ret_digest, NULL) == 1);
    require(EVP_MD_CTX_copy_ex(context, key->outer) == 1 && EVP_DigestUpdate(context, ret_digest, SHA256_SIZE) == 1 &&
            EVP_DigestFinal_ex(context, ret_digest, NULL) == 1);
    EVP_MD_CTX_free(context);
}

void hmac_key_free(struct hmac_key *key) {
    if (key != NULL) {
        EVP_MD_CTX_free(key->inner);
        EVP_MD_CTX_free(key->outer);
        free(key);
    }
}

static void cipher_freep(EVP_CIPHER_CTX **context) {
    EVP_CIPHER_CTX_free(*context);
}

void aead_seal(const unsigned char key[SHA256_SIZE], const char *context, const void *bytes, size_t length,
               unsigned char *ret_sealed) {
    _cleanup_(cipher_freep) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    unsigned char *text = ret_sealed + AEAD_NONCE_SIZE;
    int written = 0;
    random_bytes(ret_sealed, AEAD_NONCE_SIZE);
    require(cipher != NULL && EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, ret_sealed) == 1 &&
            EVP_EncryptUpdate(cipher, NULL, &written, (const unsigned char *)context, (int)strlen(context)) == 1 &&
            EVP_EncryptUpdate(cipher, text, &written, bytes, (int)length) == 1 &&
            EVP_EncryptFinal_ex(cipher, text + length, &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, text + length) == 1);
}

bool aead_open(const unsigned char key[SHA256_SIZE], const char *context, const unsigned char *sealed, size_t length,
               unsigned char *ret_bytes) {
    if (length < AEAD_OVERHEAD) {
        return false;
    }
    _cleanup_(cipher_freep) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    unsigned char tag[AEAD_TAG_SIZE];
    const unsigned char *text = sealed + AEAD_NONCE_SIZE;
    size_t text_length = length - AEAD_OVERHEAD;
    int written = 0;
    memcpy(tag, text + text_length, sizeof tag);
    require(cipher != NULL && EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, sealed) == 1 &&
            EVP_DecryptUpdate(cipher, NULL, &written, (const unsigned char *)context, (int)strlen(context)) == 1 &&
            EVP_DecryptUpdate(cipher, ret_bytes, &written, text, (int)text_length) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE, tag) == 1);
    return EVP_DecryptFinal_ex(cipher, ret_bytes + text_length, &written) == 1;
}

void random_bytes(void *ret_bytes, size_t length) {
    require(RAND_bytes(ret_bytes, (int)length) == 1);
}

bool bytes_equal(const void *left, const void *right, size_t length) {
    return CRYPTO_memcmp(left, right, length) == 0;
}
