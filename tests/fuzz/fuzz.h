/* What every fuzz target needs: its entry point, texts out of bytes, and a check that ends the run. */
#ifndef SLUICE_TESTS_FUZZ_FUZZ_H
#define SLUICE_TESTS_FUZZ_FUZZ_H

#include "common/buf.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A property of the code under test: libFuzzer keeps the input that breaks it. */
static inline void require(bool holds, const char *property) {
    if (!holds) {
        fprintf(stderr, "broken property: %s\n", property);
        abort();
    }
}

static inline void require_same(const char *left, const char *right, const char *property) {
    if (strcmp(left, right) != 0) {
        fprintf(stderr, "'%s' is not '%s'\n", left, right);
        require(false, property);
    }
}

static inline void require_utf8(const char *text, const char *property) {
    require(text != NULL && utf8_valid(text, strlen(text)), property);
}

/* The bytes as a text, in memory of exactly its size so that ASan sees a read beyond it; it ends at the first NUL. */
static inline char *text_of(const uint8_t *bytes, size_t length) {
    const uint8_t *end = length > 0 ? memchr(bytes, '\0', length) : NULL;
    size_t text_length = end != NULL ? (size_t)(end - bytes) : length;
    char *text = xmalloc(text_length + 1); /* not by strndup: ASan wants its source to end with a NUL */
    memcpy(text, bytes, text_length);
    text[text_length] = '\0';
    return text;
}

/* Cuts the text at its first `separator` and moves *at behind it; NULL when nothing is left. */
static inline char *next_piece(char **at, char separator) {
    char *piece = *at;
    if (piece != NULL) {
        *at = strchr(piece, separator);
        if (*at != NULL) {
            *(*at)++ = '\0';
        }
    }
    return piece;
}

#endif
