/* Makes tokens signed with HS256, good and bad ones. */
#ifndef SLUICE_TESTS_UNIT_API_TOKEN_H
#define SLUICE_TESTS_UNIT_API_TOKEN_H

#include "common/crypto.h"
#include "common/encode.h"

#include <string.h>

#define TOKEN_SECRET "0123456789abcdef0123456789abcdef"

static inline void token_encode(struct buf *out, const void *bytes, size_t length) {
    size_t start = out->length;
    encode_base64(out, bytes, length);
    for (size_t i = start; i < out->length; i++) {
        char c = out->data[i];
        out->data[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
    }
    while (out->length > start && out->data[out->length - 1] == '=') {
        out->data[--out->length] = '\0';
    }
}

/* The caller frees it. */
static inline char *token_make(const char *header, const char *claims, const char *secret) {
    struct buf token = {0};
    unsigned char digest[SHA256_SIZE];
    token_encode(&token, header, strlen(header));
    buf_append_char(&token, '.');
    token_encode(&token, claims, strlen(claims));
    hmac_sha256(secret, strlen(secret), token.data, token.length, digest);
    buf_append_char(&token, '.');
    token_encode(&token, digest, sizeof digest);
    return buf_take(&token);
}

#endif
