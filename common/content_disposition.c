#include "common/content_disposition.h"

#include "common/encode.h"

#include <string.h>

/* A '%' is replaced too: some browsers decode it (RFC 6266, appendix D). Of a UTF-8 sequence one '_' is left. */
static void append_ascii(struct buf *out, const char *filename) {
    for (const char *c = filename; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte >= 0x80 && byte < 0xc0) {
            continue;
        }
        bool kept = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\' && byte != '%';
        buf_append_char(out, kept ? *c : '_');
    }
}

static bool is_plain(const char *filename) {
    for (const char *c = filename; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f || strchr("\"\\%", *c) != NULL) {
            return false;
        }
    }
    return true;
}

void content_disposition_append(struct buf *out, bool is_inline, const char *filename) {
    buf_append_text(out, is_inline ? "inline; filename=\"" : "attachment; filename=\"");
    append_ascii(out, filename);
    buf_append_char(out, '"');
    if (!is_plain(filename)) {
        buf_append_text(out, "; filename*=UTF-8''");
        encode_uri(out, filename, strlen(filename), false);
    }
}
