#include "common/upload_token.h"

#include "common/encode.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PREFIX_LENGTH = sizeof UPLOAD_TOKEN_PREFIX - 1, DIGITS = 64 };

void upload_token_make(const unsigned char random[UPLOAD_TOKEN_RANDOM_SIZE], char ret_token[UPLOAD_TOKEN_TEXT_SIZE]) {
    memcpy(ret_token, UPLOAD_TOKEN_PREFIX, PREFIX_LENGTH);
    encode_hex(random, UPLOAD_TOKEN_RANDOM_SIZE, ret_token + PREFIX_LENGTH);
}

void upload_token_new(char ret_token[UPLOAD_TOKEN_TEXT_SIZE]) {
    unsigned char random[UPLOAD_TOKEN_RANDOM_SIZE];
    random_bytes(random, sizeof random);
    upload_token_make(random, ret_token);
}

bool upload_token_valid(const char *text) {
    return strncmp(text, UPLOAD_TOKEN_PREFIX, PREFIX_LENGTH) == 0 && strlen(text) == PREFIX_LENGTH + DIGITS &&
           strspn(text + PREFIX_LENGTH, "0123456789abcdef") == DIGITS;
}

void upload_token_hash(const char *token, unsigned char ret_hash[SHA256_SIZE]) {
    sha256_of(token, strlen(token), ret_hash);
}

/* RFC 6838, section 4.2. */
static size_t name_length(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-");
}

bool upload_token_pattern(const char *text, char ret_pattern[UPLOAD_TOKEN_PATTERN_SIZE]) {
    size_t length = strlen(text);
    if (length >= UPLOAD_TOKEN_PATTERN_SIZE) {
        return false;
    }
    for (size_t i = 0; i <= length; i++) {
        ret_pattern[i] = (char)tolower((unsigned char)text[i]);
    }
    size_t type = name_length(ret_pattern);
    const char *subtype = ret_pattern + type + 1;
    if (type == 0 || ret_pattern[type] != '/') {
        return false;
    }
    return strcmp(subtype, "*") == 0 || (*subtype != '\0' && name_length(subtype) == strlen(subtype));
}

static bool fits(const char *pattern, size_t pattern_length, const char *type, size_t type_length) {
    bool is_open = pattern_length >= 2 && memcmp(pattern + pattern_length - 2, "/*", 2) == 0;
    size_t compared = is_open ? pattern_length - 1 : pattern_length;
    return (is_open ? type_length > compared : type_length == compared) && strncasecmp(pattern, type, compared) == 0;
}

bool upload_token_allows(const char *patterns, const char *content_type) {
    size_t type_length = strcspn(content_type, "; ");
    for (const char *at = patterns; *at != '\0';) {
        size_t length = strcspn(at, ",");
        if (fits(at, length, content_type, type_length)) {
            return true;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return *patterns == '\0';
}
