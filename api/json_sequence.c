#include "api/json_sequence.h"

/* Where the string that starts at a quote ends (behind its closing quote), or `length`. */
static size_t skip_string(const char *bytes, size_t length, size_t at) {
    for (at++; at < length && bytes[at] != '"'; at++) {
        if (bytes[at] == '\\') {
            at++;
        }
    }
    return at < length ? at + 1 : length;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the bracket that closes the one at `at`; 0 when none does. */
static size_t closing(const char *bytes, size_t length, size_t at) {
    size_t depth = 0;
    while (at < length) {
        char c = bytes[at];
        if (c == '"') {
            at = skip_string(bytes, length, at);
            continue;
        }
        at++;
        if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at;
        }
    }
    return 0;
}

bool json_sequence_next(const char *bytes, size_t length, size_t *at, size_t *ret_start, size_t *ret_length) {
    while (*at < length && is_space(bytes[*at])) {
        (*at)++;
    }
    if (*at == length || (bytes[*at] != '{' && bytes[*at] != '[')) {
        return false;
    }
    size_t end = closing(bytes, length, *at);
    if (end == 0) {
        return false;
    }
    *ret_start = *at;
    *ret_length = end - *at;
    *at = end;
    return true;
}
