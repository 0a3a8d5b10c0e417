#include "common/file_name.h"

#include "common/encode.h"

#include <stdint.h>
#include <string.h>

enum { EXTENSION_MAX = 16 };

/* The code point at the start of well-formed UTF-8, and its length. */
static uint32_t code_point(const char *text, size_t *ret_length) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80) {
        *ret_length = 1;
        return bytes[0];
    }
    size_t length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    uint32_t point = bytes[0] & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        point = point << 6 | (bytes[i] & 0x3fU);
    }
    *ret_length = length;
    return point;
}

static bool is_refused(uint32_t point) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x00, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x2029}, {0x202a, 0x202e}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static const char *last_segment(const char *text) {
    const char *name = text;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '/' || *c == '\\') {
            name = c + 1;
        }
    }
    return name;
}

const char *file_name_check(const char *text, const char **ret_name) {
    size_t length = strlen(text);
    if (length > FILE_NAME_MAX) {
        return "must be at most 1024 bytes";
    }
    if (!utf8_valid(text, length)) {
        return "must be UTF-8";
    }
    size_t step = 0;
    for (const char *at = text; *at != '\0'; at += step) {
        if (is_refused(code_point(at, &step))) {
            return "must not contain control characters";
        }
    }
    const char *name = last_segment(text);
    if (strspn(name, " ") == strlen(name) || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return "must name a file";
    }
    *ret_name = name;
    return NULL;
}

/* From the last dot on; "" when there is none, when it is the first character, or when too much follows. */
static const char *extension_of(const char *name) {
    const char *dot = strrchr(name, '.');
    size_t length = strlen(name);
    return dot == NULL || dot == name || (size_t)(name + length - dot) > EXTENSION_MAX ? name + length : dot;
}

static void append_safe(struct buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool kept = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '.' || c == '-' || c == '_';
        buf_append_char(out, kept ? (char)c : '_');
    }
}

void file_name_append_safe(struct buf *out, const char *name) {
    size_t length = strlen(name);
    if (length <= FILE_NAME_KEY_MAX) {
        append_safe(out, name, length);
        return;
    }
    const char *extension = extension_of(name);
    size_t extension_length = strlen(extension);
    size_t stem = utf8_prefix(name, (size_t)(extension - name), FILE_NAME_KEY_MAX - extension_length);
    append_safe(out, name, stem);
    append_safe(out, extension, extension_length);
}
