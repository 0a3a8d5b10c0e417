#include "common/asset_key.h"

#include "common/file_name.h"

#include <ctype.h>
#include <string.h>

bool asset_kind_is_asset(const char *kind) {
    return strcmp(kind, ASSET_KIND) == 0;
}

static void append(struct buf *out, const char *prefix, const char *file_id, const char *filename) {
    buf_append_text(out, prefix);
    buf_append_text(out, file_id);
    buf_append_char(out, '/');
    file_name_append_safe(out, filename);
}

void asset_key_staging(struct buf *out, const char *file_id, const char *filename) {
    append(out, ASSET_STAGING_PREFIX, file_id, filename);
}

void asset_key(struct buf *out, const char *file_id, const char *filename) {
    append(out, ASSET_PREFIX, file_id, filename);
}

bool asset_key_parse(const char *key, char ret_file_id[ID_TEXT_SIZE]) {
    static const char *const prefixes[] = {ASSET_STAGING_PREFIX, ASSET_PREFIX};
    char id[ID_TEXT_SIZE];
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(key, prefixes[i], length) != 0 || strlen(key + length) <= ID_TEXT_SIZE ||
            key[length + ID_TEXT_SIZE - 1] != '/') {
            continue;
        }
        for (size_t at = 0; at < ID_TEXT_SIZE - 1; at++) {
            id[at] = (char)tolower((unsigned char)key[length + at]);
        }
        id[ID_TEXT_SIZE - 1] = '\0';
        if (id_valid(id)) {
            memcpy(ret_file_id, id, ID_TEXT_SIZE);
            return true;
        }
    }
    return false;
}
