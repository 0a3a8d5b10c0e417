/* Finds the route of a request: a table of methods and patterns against the decoded segments of a path. Pure. */
#ifndef SLUICE_API_ROUTER_H
#define SLUICE_API_ROUTER_H

#include "api/request_path.h"

#include <stdint.h>

/* What a caller must be allowed to; a mask. */
enum scope {
    SCOPE_NONE = 0, /* anybody */
    SCOPE_UPLOAD = 1,
    SCOPE_READ = 2,
    SCOPE_ADMIN = 4,
    SCOPE_EVENTS = 8, /* the store, by SLUICE_EVENTS_KEY */
};

const char *scope_name(enum scope scope);

/* Mask of the scopes that callers can have, of words with this separator between them; others count for nothing. */
unsigned scope_mask(const char *words, char separator);

enum body_kind {
    BODY_NONE, /* not looked at; a small one is tolerated */
    BODY_JSON,
    BODY_ANY,
    BODY_FORM,   /* multipart/form-data, which the handler streams */
    BODY_FIELDS, /* application/x-www-form-urlencoded, or JSON with texts; see request_field */
};

struct api;
struct request;

/* Answers the request, or fills err and leaves the answer to its caller. */
typedef bool (*route_handler)(struct api *api, struct request *request, struct error *err);

enum { ROUTE_PARAMETERS_MAX = 3 };

struct route {
    const char *method;
    const char *pattern; /* "/files/{id}/content" */
    enum scope scope;
    enum body_kind body;
    int64_t body_limit; /* bytes */
    route_handler handler;
    const char *doc;
};

struct route_match {
    const struct route *route;                    /* NULL: the path is unknown, or has no such method */
    const char *parameters[ROUTE_PARAMETERS_MAX]; /* what stands for the {…} of the pattern, in order */
    struct buf allowed; /* methods of the path, as Allow has them; empty when the path is unknown */
};

/* HEAD finds the route of GET. */
void router_match(const struct route *routes, size_t count, const char *method, const struct request_path *path,
                  struct route_match *ret_match);
void route_match_free(struct route_match *match);

#endif
