/* Keeps pages of other sites from making a browser send what its user did not mean: by where a request says it comes from
 * (Sec-Fetch-Site, Origin), and by a token that only pages of this server know. Pure.
 *
 * For requests whose sender a browser names by itself (a cookie, or nothing with SLUICE_AUTH=none). One with a key in its
 * Authorization header needs none of it: no page makes a browser send that. */
#ifndef SLUICE_API_CSRF_H
#define SLUICE_API_CSRF_H

#include "api/request.h"

#define CSRF_FIELD "csrf_token"
#define CSRF_HEADER "X-CSRF-Token"

/* The token of those who know the secret: of a session, its own token. */
void csrf_token_make(const void *secret, size_t length, char ret_token[CSRF_TOKEN_SIZE]);

/* Whether a browser sent the request: whatever a page of another site can make it send says where it comes from. */
bool csrf_is_browser(const struct request *request);

/* Whether Host is an address or localhost. Any other name can be made to lead here by whoever owns it, so that pages of that name
 * read what is for this machine only. */
bool csrf_host_is_local(const struct request *request);

/* CSRF_REFUSED when the request comes from another origin, as far as it says. */
bool csrf_same_origin(const struct request *request, struct error *err) MUST_CHECK;

/* Once the body was read; of what changes nothing, nothing is asked. The token is in the header, or in a field of the form. The
 * fields of a BODY_FORM route are still to come: then request->csrf_open is set, and its handler ends that by csrf_accept before
 * it does anything else. CSRF_REFUSED. */
bool csrf_check(struct request *request, struct error *err) MUST_CHECK;

/* The token that came in the form. CSRF_REFUSED. */
bool csrf_accept(struct request *request, const char *token, struct error *err) MUST_CHECK;

#endif
