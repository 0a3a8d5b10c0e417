#include "common/s3_witness.h"

#include "common/s3_request.h"
#include "common/xalloc.h"

#include <string.h>

enum { WITNESSES = 3 }; /* one of them may be broken, too */

struct search {
    const char *accused;
    char *keys[WITNESSES];
    size_t count;
};

static void search_free(struct search *search) {
    for (size_t i = 0; i < search->count; i++) {
        free(search->keys[i]);
    }
}

static bool take(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    struct search *search = context;
    (void)err;
    if (strcmp(entry->key, search->accused) != 0) {
        search->keys[search->count++] = xstrdup(entry->key);
    }
    *ret_stop = search->count == WITNESSES;
    return true;
}

/* The objects after this one, or, when it is the last, the first ones. */
static bool find(struct s3_client *client, struct search *search) {
    struct error ignored;
    const char *slash = strchr(search->accused, '/');
    _cleanup_(freep) char *folder =
        xstrndup(search->accused, slash == NULL ? 0 : (size_t)(slash - search->accused) + 1);
    return s3_client_list(client, folder, search->accused, take, search, &ignored) &&
           (search->count > 0 || s3_client_list(client, folder, NULL, take, search, &ignored));
}

static bool drop_bytes(void *context, const void *bytes, size_t length, struct error *err) {
    (void)context;
    (void)bytes;
    (void)length;
    (void)err;
    return true;
}

/* An empty object has no first byte, but is read. */
static bool can_be_read(struct s3_client *client, const char *key) {
    struct error problem = {0};
    const struct s3_get get = {.key = key, .offset = 0, .length = 1, .sink = drop_bytes};
    return s3_client_get(client, &get, NULL, &problem) || problem.code == ERROR_RANGE_NOT_SATISFIABLE;
}

bool s3_object_is_broken(struct s3_client *client, const char *key) {
    _cleanup_(search_free) struct search search = {.accused = key};
    if (client->reply.status == 0 || !find(client, &search)) {
        return false;
    }
    for (size_t i = 0; i < search.count; i++) {
        if (can_be_read(client, search.keys[i])) {
            return true;
        }
    }
    return search.count == 0;
}
