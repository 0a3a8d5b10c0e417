#include "api/request_path.h"

#include "common/encode.h"

#include <string.h>

/* Decodes one segment behind those before it; each ends with a NUL. */
static bool add_segment(struct buf *texts, const char *raw, size_t length) {
    size_t start = texts->length;
    if (!decode_uri(raw, length, false, texts)) {
        return false;
    }
    bool valid = utf8_valid(buf_text(texts) + start, texts->length - start);
    buf_append(texts, "", 1);
    return valid;
}

bool request_path_parse(const char *raw, struct request_path *ret_path, struct error *err) {
    *ret_path = (struct request_path){0};
    size_t offsets[REQUEST_PATH_SEGMENTS_MAX] = {0};
    const char *at = raw;
    while (*at == '/') {
        at++;
        size_t length = strcspn(at, "/");
        size_t offset = ret_path->texts.length;
        if (!add_segment(&ret_path->texts, at, length)) {
            request_path_free(ret_path);
            return error_set(err, ERROR_BAD_REQUEST, "the path is not well-formed percent-encoded UTF-8");
        }
        if (ret_path->count < REQUEST_PATH_SEGMENTS_MAX) {
            offsets[ret_path->count] = offset;
        }
        ret_path->count += ret_path->count <= REQUEST_PATH_SEGMENTS_MAX ? 1 : 0;
        at += length;
    }
    for (size_t i = 0; i < ret_path->count && i < REQUEST_PATH_SEGMENTS_MAX; i++) {
        ret_path->segments[i] = ret_path->texts.data + offsets[i];
    }
    return true;
}

void request_path_free(struct request_path *path) {
    buf_free(&path->texts);
}
