#include "api/cursor.h"

#include "common/encode.h"

#include <stdio.h>
#include <string.h>

static const char version = 'a';

enum { ID_BYTES = 16 };

void cursor_make(const char *id, char ret_cursor[CURSOR_SIZE]) {
    size_t length = 0;
    ret_cursor[length++] = version;
    for (const char *c = id; *c != '\0' && length < CURSOR_SIZE - 1; c++) {
        if (*c != '-') {
            ret_cursor[length++] = *c;
        }
    }
    ret_cursor[length] = '\0';
}

bool cursor_parse(const char *cursor, char ret_id[ID_TEXT_SIZE]) {
    unsigned char bytes[ID_BYTES];
    if (cursor[0] != version || !decode_hex(cursor + 1, bytes, sizeof bytes)) {
        return false;
    }
    char hex[2 * ID_BYTES + 1];
    encode_hex(bytes, sizeof bytes, hex);
    snprintf(ret_id, ID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}
