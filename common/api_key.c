#include "common/api_key.h"

#include "common/buf.h"
#include "common/encode.h"

#include <string.h>

static const char prefix[] = "sluice_";

enum { PREFIX_LENGTH = sizeof prefix - 1, RANDOM_LENGTH = 43 };

void api_key_make(const unsigned char random[API_KEY_RANDOM_SIZE], char ret_key[API_KEY_TEXT_SIZE]) {
    _cleanup_(buf_free) struct buf text = {0};
    buf_append_text(&text, prefix);
    encode_base64(&text, random, API_KEY_RANDOM_SIZE);
    for (size_t i = PREFIX_LENGTH; i < API_KEY_TEXT_SIZE - 1; i++) {
        char c = text.data[i];
        ret_key[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
    }
    memcpy(ret_key, prefix, PREFIX_LENGTH);
    ret_key[API_KEY_TEXT_SIZE - 1] = '\0';
}

void api_key_new(char ret_key[API_KEY_TEXT_SIZE]) {
    unsigned char random[API_KEY_RANDOM_SIZE];
    random_bytes(random, sizeof random);
    api_key_make(random, ret_key);
}

bool api_key_valid(const char *text) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return strncmp(text, prefix, PREFIX_LENGTH) == 0 && strlen(text) == PREFIX_LENGTH + RANDOM_LENGTH &&
           strspn(text + PREFIX_LENGTH, alphabet) == RANDOM_LENGTH;
}

void api_key_hash(const char *key, unsigned char ret_hash[SHA256_SIZE]) {
    sha256_of(key, strlen(key), ret_hash);
}
