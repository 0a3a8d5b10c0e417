#include "api/cookie.h"

#include <string.h>

/* Without the white space at both ends. */
static const char *trim(const char *text, size_t *length) {
    size_t skipped = strspn(text, " \t");
    skipped = skipped < *length ? skipped : *length;
    *length -= skipped;
    while (*length > 0 && strchr(" \t", text[skipped + *length - 1]) != NULL) {
        (*length)--;
    }
    return text + skipped;
}

static const char *unquote(const char *value, size_t *length) {
    if (*length >= 2 && value[0] == '"' && value[*length - 1] == '"') {
        *length -= 2;
        return value + 1;
    }
    return value;
}

/* The value of a pair `name=value` if that is its name, else NULL. */
static const char *value_of(const char *pair, size_t length, const char *name, size_t *ret_length) {
    const char *equals = memchr(pair, '=', length);
    if (equals == NULL) {
        return NULL;
    }
    size_t name_length = (size_t)(equals - pair);
    const char *trimmed = trim(pair, &name_length);
    if (name_length != strlen(name) || memcmp(trimmed, name, name_length) != 0) {
        return NULL;
    }
    *ret_length = length - (size_t)(equals + 1 - pair);
    return unquote(trim(equals + 1, ret_length), ret_length);
}

const char *cookie_find(const char *header, const char *name, size_t *ret_length) {
    const char *found = NULL;
    for (const char *at = header; at != NULL && *at != '\0';) {
        size_t pair = strcspn(at, ";");
        size_t length = 0;
        const char *value = value_of(at, pair, name, &length);
        if (value != NULL && found != NULL) {
            return NULL;
        }
        if (value != NULL) {
            found = value;
            *ret_length = length;
        }
        at += pair + (at[pair] == ';' ? 1 : 0);
    }
    return found;
}
