/* The admin pages as answers: HTML out of web/src/admin/, with the headers that keep a browser to what they need; refusals as
 * pages, too, and as problems (response.h) for programs. */
#ifndef SLUICE_API_ADMIN_PAGE_H
#define SLUICE_API_ADMIN_PAGE_H

#include "api/api.h"

#define ADMIN_HOME "/admin"

/* Whether a path is one of the admin pages. Pure. */
bool admin_page_is_of(const struct request_path *path);

/* Whether whoever asks wants HTML: browsers and htmx say so, programs want JSON. Pure. */
bool admin_page_is_wanted(const struct request *request);

/* Whether htmx asks, for a part of a page. Pure. */
bool admin_page_is_part(const struct request *request);

/* Whether the request asks for JSON by name. */
bool admin_page_wants_json(const struct request *request);

/* Answers with a template and takes the values; adds what every page needs: csrf_token, owner, has_session. INTERNAL, or NOT_FOUND
 * when this program was built without pages. */
bool admin_page_send(struct api *api, struct request *request, int status, const char *name, json_t *values,
                     struct error *err) MUST_CHECK;

/* Answers with the page of an error; without a login, with the way to one. False when it was not for this to answer. */
bool admin_page_refuse(struct api *api, struct request *request, const struct error *err);

/* 303: the browser gets that page next. `location` is a path of this server. */
void admin_page_redirect(struct request *request, const char *location);

/* Whether a path leads to an admin page and nowhere else, whatever browsers make of backslashes, line breaks and the like. Pure. */
bool admin_page_is_next(const char *path);

#endif
