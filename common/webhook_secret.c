#include "common/webhook_secret.h"

#include "common/crypto.h"
#include "common/encode.h"

#include <string.h>

static const char prefix[] = "whsec_";
static const char sealed_prefix[] = "sealed1:";
static const char key_context[] = "sluice webhook secrets";

enum { PREFIX_LENGTH = sizeof prefix - 1, SEALED_BYTES = WEBHOOK_SECRET_BYTES + AEAD_OVERHEAD };

static void print_secret(const unsigned char bytes[WEBHOOK_SECRET_BYTES], char ret_secret[WEBHOOK_SECRET_SIZE]) {
    _cleanup_(buf_free) struct buf text = {0};
    buf_append_text(&text, prefix);
    encode_base64(&text, bytes, WEBHOOK_SECRET_BYTES);
    snprintf(ret_secret, WEBHOOK_SECRET_SIZE, "%s", buf_text(&text));
}

static bool parse_secret(const char *secret, unsigned char ret_bytes[WEBHOOK_SECRET_BYTES]) {
    return strncmp(secret, prefix, PREFIX_LENGTH) == 0 &&
           decode_base64(secret + PREFIX_LENGTH, ret_bytes, WEBHOOK_SECRET_BYTES);
}

void webhook_secret_new(char ret_secret[WEBHOOK_SECRET_SIZE]) {
    unsigned char bytes[WEBHOOK_SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    print_secret(bytes, ret_secret);
}

/* Not the setting itself: any text is a key. */
static void derive_key(const char *master_key, unsigned char ret_key[SHA256_SIZE]) {
    hmac_sha256(master_key, strlen(master_key), key_context, sizeof key_context - 1, ret_key);
}

void webhook_secret_seal(const char *secret, const char *master_key, const char *endpoint_id,
                         char ret_stored[WEBHOOK_SEALED_SIZE]) {
    unsigned char bytes[WEBHOOK_SECRET_BYTES];
    if (*master_key == '\0' || !parse_secret(secret, bytes)) {
        snprintf(ret_stored, WEBHOOK_SEALED_SIZE, "%s", secret);
        return;
    }
    unsigned char key[SHA256_SIZE];
    unsigned char sealed[SEALED_BYTES];
    _cleanup_(buf_free) struct buf text = {0};
    derive_key(master_key, key);
    aead_seal(key, endpoint_id, bytes, sizeof bytes, sealed);
    buf_append_text(&text, sealed_prefix);
    encode_base64(&text, sealed, sizeof sealed);
    snprintf(ret_stored, WEBHOOK_SEALED_SIZE, "%s", buf_text(&text));
}

bool webhook_secret_open(const char *stored, const char *master_key, const char *endpoint_id,
                         char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) {
    unsigned char bytes[WEBHOOK_SECRET_BYTES];
    unsigned char sealed[SEALED_BYTES];
    unsigned char key[SHA256_SIZE];
    if (parse_secret(stored, bytes)) {
        print_secret(bytes, ret_secret);
        return true;
    }
    if (strncmp(stored, sealed_prefix, sizeof sealed_prefix - 1) != 0 ||
        !decode_base64(stored + sizeof sealed_prefix - 1, sealed, sizeof sealed)) {
        return error_set(err, ERROR_WEBHOOK_SECRET_UNUSABLE, "what is stored is no secret");
    }
    derive_key(master_key, key);
    if (*master_key == '\0' || !aead_open(key, endpoint_id, sealed, sizeof sealed, bytes)) {
        return error_set(err, ERROR_WEBHOOK_SECRET_UNUSABLE, "it was encrypted with another SLUICE_WEBHOOK_MASTER_KEY");
    }
    print_secret(bytes, ret_secret);
    return true;
}

bool webhook_sign(const char *secret, const char *event_id, int64_t timestamp_s, const char *body, size_t length,
                  struct buf *signatures) {
    unsigned char key[WEBHOOK_SECRET_BYTES];
    unsigned char digest[SHA256_SIZE];
    _cleanup_(buf_free) struct buf content = {0};
    if (!parse_secret(secret, key)) {
        return false;
    }
    buf_append_text(&content, event_id);
    buf_append_char(&content, '.');
    buf_append_int(&content, timestamp_s);
    buf_append_char(&content, '.');
    buf_append(&content, body, length);
    hmac_sha256(key, sizeof key, buf_text(&content), content.length, digest);
    buf_append_text(signatures, signatures->length > 0 ? " v1," : "v1,");
    encode_base64(signatures, digest, sizeof digest);
    return true;
}
