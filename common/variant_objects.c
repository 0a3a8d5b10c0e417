#include "common/variant_objects.h"

#include "common/xalloc.h"

#include <string.h>

enum { KEYS_AT_ONCE = 1000 };

bool variant_object_media_id(const char *key, char *ret_media_id, size_t size) {
    static const size_t prefix = sizeof VARIANT_PREFIX - 1;
    if (strncmp(key, VARIANT_PREFIX, prefix) != 0) {
        return false;
    }
    size_t length = strcspn(key + prefix, "/");
    const char *name = key + prefix + length;
    if (length == 0 || length >= size || name[0] != '/' || name[1] == '\0' || strchr(name + 1, '/') != NULL) {
        return false;
    }
    memcpy(ret_media_id, key + prefix, length);
    ret_media_id[length] = '\0';
    return true;
}

struct found {
    char *keys[KEYS_AT_ONCE];
    size_t count;
};

static void found_free(struct found *found) {
    for (size_t i = 0; found != NULL && i < found->count; i++) {
        free(found->keys[i]);
    }
    free(found);
}
DEFINE_CLEANUP(struct found *, found)

static bool take_key(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    (void)err;
    struct found *found = context;
    found->keys[found->count++] = xstrdup(entry->key);
    *ret_stop = found->count == KEYS_AT_ONCE;
    return true;
}

bool variant_objects_delete(struct s3_client *store, const char *media_id, struct error *err) {
    _cleanup_(freep) char *prefix = xasprintf(VARIANT_PREFIX "%s/", media_id);
    size_t count = KEYS_AT_ONCE;
    while (count == KEYS_AT_ONCE) {
        _cleanup_(found_freep) struct found *found = xcalloc(1, sizeof *found);
        if (!s3_client_list(store, prefix, NULL, take_key, found, err) ||
            (found->count > 0 && !s3_client_delete_many(store, (const char *const *)found->keys, found->count, err))) {
            return false;
        }
        count = found->count;
    }
    return true;
}
