#include "api/cors.h"

#include "common/text_list.h"
#include "common/xalloc.h"

#include <string.h>

struct cors {
    bool any; /* `*` */
    char **origins;
    size_t count;
};

/* scheme://host[:port] as browsers send it: no path, no trailing slash. */
static bool is_origin(const char *text) {
    const char *authority = strstr(text, "://");
    if (authority == NULL || authority == text || authority[3] == '\0') {
        return false;
    }
    return strpbrk(authority + 3, "/?#@ \t\"'<>*") == NULL;
}

static bool add_origin(struct cors *cors, const char *origin, struct error *err) {
    if (strcmp(origin, "*") == 0) {
        cors->any = true;
        return true;
    }
    if (!is_origin(origin)) {
        return error_set(err, ERROR_CONFIG, "SLUICE_CORS_ORIGINS: %.100s is not an origin such as https://example.com",
                         origin);
    }
    cors->origins = xrealloc(cors->origins, (cors->count + 1) * sizeof *cors->origins);
    cors->origins[cors->count++] = xstrdup(origin);
    return true;
}

bool cors_new(const char *origins, struct cors **ret_cors, struct error *err) {
    _cleanup_(cors_freep) struct cors *cors = xcalloc(1, sizeof *cors);
    _cleanup_(text_list_free) struct text_list words = {0};
    text_list_split(origins, ',', &words);
    for (size_t i = 0; i < words.count; i++) {
        if (!add_origin(cors, words.items[i], err)) {
            return false;
        }
    }
    *ret_cors = take_ptr(cors);
    return true;
}

void cors_free(struct cors *cors) {
    for (size_t i = 0; cors != NULL && i < cors->count; i++) {
        free(cors->origins[i]);
    }
    if (cors != NULL) {
        free(cors->origins);
    }
    free(cors);
}

const char *cors_allowed_origin(const struct cors *cors, const char *origin) {
    if (origin == NULL) {
        return NULL;
    }
    if (cors->any) {
        return "*";
    }
    for (size_t i = 0; i < cors->count; i++) {
        if (strcmp(cors->origins[i], origin) == 0) {
            return cors->origins[i];
        }
    }
    return NULL;
}

bool cors_varies(const struct cors *cors) {
    return !cors->any && cors->count > 0;
}
