#include "common/media_key.h"

#include "common/encode.h"
#include "common/file_name.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define EXTENSION ".jpg"

const char *const media_prefixes[] = {"albums/", "users/", "generated/", NULL};

/* By kind: what comes before the id of the album, user or generation, and what after it. */
static const struct {
    const char *kind, *before, *after;
} patterns[MEDIA_KIND_COUNT] = {
    [MEDIA_ALBUM] = {"media", "albums/", "/media/"},
    [MEDIA_AVATAR] = {"avatar", "users/", "/avatar/"},
    [MEDIA_GENERATED] = {"generated", "generated/", "/"},
};

const char *media_kind_name(enum media_kind kind) {
    return patterns[kind].kind;
}

bool media_kind_is_media(const char *kind) {
    for (size_t i = 0; i < MEDIA_KIND_COUNT; i++) {
        if (strcmp(patterns[i].kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

bool media_word_valid(const char *text) {
    size_t length = strlen(text);
    return length > 0 && length < MEDIA_WORD_SIZE && strspn(text, WORD_CHARACTERS) == length &&
           strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static void append_start(struct buf *out, enum media_kind kind, const char *owner_of) {
    buf_append_text(out, patterns[kind].before);
    buf_append_text(out, owner_of);
    buf_append_text(out, patterns[kind].after);
}

static void append_named(struct buf *out, enum media_kind kind, const char *owner_of, const char *file_id,
                         const char *filename) {
    append_start(out, kind, owner_of);
    buf_append_text(out, file_id);
    buf_append_char(out, '-');
    file_name_append_safe(out, filename);
}

void media_key_album(struct buf *out, const char *album_id, const char *file_id, const char *filename) {
    append_named(out, MEDIA_ALBUM, album_id, file_id, filename);
}

void media_key_avatar(struct buf *out, const char *user_id, const char *file_id, const char *filename) {
    append_named(out, MEDIA_AVATAR, user_id, file_id, filename);
}

void media_key_generated(struct buf *out, const char *generation_id, const char *file_id, int64_t index) {
    append_start(out, MEDIA_GENERATED, generation_id);
    buf_printf(out, "%s_%" PRId64 EXTENSION, file_id, index);
}

/* `_{index}` at the end of the text, with digits only and no leading zero. */
static bool parse_index(const char *text, size_t length, size_t *ret_before, int64_t *ret_index) {
    size_t start = length;
    while (start > 0 && isdigit((unsigned char)text[start - 1])) {
        start--;
    }
    char digits[8];
    size_t count = length - start;
    if (start == 0 || text[start - 1] != '_' || count == 0 || count >= sizeof digits ||
        (text[start] == '0' && count > 1)) {
        return false;
    }
    memcpy(digits, text + start, count);
    digits[count] = '\0';
    *ret_before = start - 1;
    return parse_int64(digits, 0, MEDIA_INDEX_MAX, ret_index);
}

static bool parse_image(const char *filename, int64_t *ret_index) {
    size_t length = strlen(filename);
    size_t extension = sizeof EXTENSION - 1;
    size_t before = 0;
    return length > extension && strcmp(filename + length - extension, EXTENSION) == 0 &&
           parse_index(filename, length - extension, &before, ret_index) && before > 0;
}

static bool parse_as(enum media_kind kind, const char *key, struct media_key *ret_key) {
    const char *before = patterns[kind].before;
    const char *after = patterns[kind].after;
    if (strncmp(key, before, strlen(before)) != 0) {
        return false;
    }
    const char *id = key + strlen(before);
    size_t length = strcspn(id, "/");
    if (length >= MEDIA_WORD_SIZE || strncmp(id + length, after, strlen(after)) != 0) {
        return false;
    }
    struct media_key parsed = {.kind = kind, .filename = id + length + strlen(after)};
    memcpy(parsed.owner_of, id, length);
    if (*parsed.filename == '\0' || strchr(parsed.filename, '/') != NULL) {
        return false;
    }
    bool good = kind == MEDIA_ALBUM ? id_valid(parsed.owner_of) : media_word_valid(parsed.owner_of);
    if (!good || (kind == MEDIA_GENERATED && !parse_image(parsed.filename, &parsed.index))) {
        return false;
    }
    for (char *c = parsed.owner_of; kind == MEDIA_ALBUM && *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    *ret_key = parsed;
    return true;
}

bool media_key_parse(const char *key, struct media_key *ret_key) {
    for (size_t kind = 0; kind < MEDIA_KIND_COUNT; kind++) {
        if (parse_as((enum media_kind)kind, key, ret_key)) {
            return true;
        }
    }
    return false;
}

void media_id_generated(const char *generation_id, int64_t index, char ret_media_id[MEDIA_ID_SIZE]) {
    snprintf(ret_media_id, MEDIA_ID_SIZE, "%.*s_%d", MEDIA_WORD_SIZE - 1, generation_id, (int)index);
}

bool media_id_parse_generated(const char *media_id, char ret_generation_id[MEDIA_WORD_SIZE], int64_t *ret_index) {
    size_t before = 0;
    if (!parse_index(media_id, strlen(media_id), &before, ret_index) || before >= MEDIA_WORD_SIZE) {
        return false;
    }
    memcpy(ret_generation_id, media_id, before);
    ret_generation_id[before] = '\0';
    return media_word_valid(ret_generation_id);
}

void media_id_of(const char *object_key, const char *file_id, char ret_media_id[MEDIA_ID_SIZE]) {
    struct media_key key;
    if (media_key_parse(object_key, &key) && key.kind == MEDIA_GENERATED) {
        media_id_generated(key.owner_of, key.index, ret_media_id);
    } else {
        snprintf(ret_media_id, MEDIA_ID_SIZE, "%s", file_id);
    }
}
