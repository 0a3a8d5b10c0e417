#include "api/signer_path.h"

#include "common/encode.h"
#include "common/upload_token.h"

#include <string.h>

static bool is_at(const struct request_path *path, size_t at, const char *text) {
    return at < path->count && strcmp(path->segments[at], text) == 0;
}

static void drop(struct request_path *path, size_t at, size_t count) {
    path->count -= count;
    for (size_t i = at; i < path->count; i++) {
        path->segments[i] = path->segments[i + count];
    }
}

/* Where the signers' own path begins after `at`; SIZE_MAX when it is none. */
static size_t signer_at(const struct request_path *path, size_t at) {
    size_t start = is_at(path, at, "") ? at + 1 : at;
    return is_at(path, start, "s3") || is_at(path, start, "rails") ? start : SIZE_MAX;
}

const char *signer_path_enter(struct request_path *path) {
    if (path->count > REQUEST_PATH_SEGMENTS_MAX) {
        return NULL;
    }
    bool has_token = is_at(path, 0, "c") && path->count > 2;
    const char *token = has_token ? path->segments[1] : NULL;
    size_t start = signer_at(path, has_token ? 2 : 0);
    if (start == SIZE_MAX) {
        return NULL;
    }
    drop(path, 0, start);
    return token;
}

bool signer_path_is(const struct request_path *path) {
    return is_at(path, 0, "s3") || is_at(path, 0, "rails");
}

/* A token keeps its form only where nobody encoded it; a piece that cannot be decoded is looked at as it is. */
static bool looks_like_token(const char *raw, size_t length, const char *decoded) {
    return memmem(raw, length, UPLOAD_TOKEN_PREFIX, sizeof UPLOAD_TOKEN_PREFIX - 1) != NULL ||
           strstr(decoded, UPLOAD_TOKEN_PREFIX) != NULL;
}

void signer_path_hide(const char *raw, struct buf *out) {
    bool is_first = true;
    bool follows_c = false;
    for (const char *at = raw; *at != '\0';) {
        size_t length = strcspn(at, "/");
        _cleanup_(buf_free) struct buf decoded = {0};
        bool well_formed = decode_uri(at, length, false, &decoded);
        if (length > 0 && (follows_c || looks_like_token(at, length, well_formed ? buf_text(&decoded) : ""))) {
            buf_append_text(out, "…");
        } else {
            buf_append(out, at, length);
        }
        if (length > 0) {
            follows_c = is_first && well_formed && strcmp(buf_text(&decoded), "c") == 0;
            is_first = false;
        }
        at += length;
        if (*at == '/') {
            buf_append_char(out, *at++);
        }
    }
}
