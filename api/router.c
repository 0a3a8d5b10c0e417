#include "api/router.h"

#include <string.h>

const char *scope_name(enum scope scope) {
    switch (scope) {
    case SCOPE_UPLOAD:
        return "upload";
    case SCOPE_READ:
        return "read";
    case SCOPE_ADMIN:
        return "admin";
    case SCOPE_EVENTS:
        return "events";
    case SCOPE_NONE:
        break;
    }
    return "none";
}

unsigned scope_mask(const char *words, char separator) {
    static const enum scope known[] = {SCOPE_UPLOAD, SCOPE_READ, SCOPE_ADMIN};
    const char separators[] = {separator, '\0'};
    unsigned scopes = 0;
    for (const char *at = words; *at != '\0';) {
        size_t length = strcspn(at, separators);
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            const char *name = scope_name(known[i]);
            scopes |= strlen(name) == length && memcmp(name, at, length) == 0 ? (unsigned)known[i] : 0;
        }
        at += length + (at[length] == separator ? 1 : 0);
    }
    return scopes;
}

/* Compares segment by segment; fills in the parameters. */
static bool pattern_fits(const char *pattern, const struct request_path *path,
                         const char *ret_parameters[ROUTE_PARAMETERS_MAX]) {
    size_t parameter = 0;
    size_t segment = 0;
    while (*pattern == '/' && segment < path->count && segment < REQUEST_PATH_SEGMENTS_MAX) {
        pattern++;
        size_t length = strcspn(pattern, "/");
        const char *text = path->segments[segment++];
        if (*pattern == '{') {
            if (*text == '\0' || parameter == ROUTE_PARAMETERS_MAX) {
                return false;
            }
            ret_parameters[parameter++] = text;
        } else if (strlen(text) != length || memcmp(pattern, text, length) != 0) {
            return false;
        }
        pattern += length;
    }
    return *pattern == '\0' && segment == path->count;
}

static void allow(struct buf *allowed, const char *method) {
    buf_append_text(allowed, allowed->length > 0 ? ", " : "");
    buf_append_text(allowed, method);
    if (strcmp(method, "GET") == 0) {
        buf_append_text(allowed, ", HEAD");
    }
}

void router_match(const struct route *routes, size_t count, const char *method, const struct request_path *path,
                  struct route_match *ret_match) {
    *ret_match = (struct route_match){0};
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < count; i++) {
        const char *parameters[ROUTE_PARAMETERS_MAX] = {0};
        if (!pattern_fits(routes[i].pattern, path, parameters)) {
            continue;
        }
        if (strcmp(routes[i].method, wanted) == 0) {
            ret_match->route = &routes[i];
            memcpy(ret_match->parameters, parameters, sizeof parameters);
            return;
        }
        allow(&ret_match->allowed, routes[i].method);
    }
    if (ret_match->allowed.length > 0) {
        buf_append_text(&ret_match->allowed, ", OPTIONS");
    }
}

void route_match_free(struct route_match *match) {
    buf_free(&match->allowed);
}
