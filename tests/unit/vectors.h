/* Reads test data. */
#ifndef SLUICE_TESTS_UNIT_VECTORS_H
#define SLUICE_TESTS_UNIT_VECTORS_H

#include "common/buf.h"
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A whole file; the caller frees the buffer. Fails the test when it cannot be read. */
static inline struct buf read_file(const char *path) {
    struct buf content = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("cannot open %s", path);
        return content;
    }
    size_t length = 0;
    do {
        length = fread(buf_reserve(&content, 65536), 1, 65536, file);
        content.length += length;
        content.data[content.length] = '\0';
    } while (length > 0);
    fclose(file);
    return content;
}

static inline json_t *read_json(const char *path) {
    struct buf content = read_file(path);
    struct error err = {0};
    json_t *value = NULL;
    if (!json_parse(content.data, content.length, JSON_MAX_DEPTH, &value, &err)) {
        fail_msg("%s: %s", path, err.message);
    }
    buf_free(&content);
    return value;
}

#endif
