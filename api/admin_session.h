/* Logins to the admin pages: a random token in a cookie, of which the database keeps the hash, and the key that it stands for.
 *
 * A session is looked up by every request, together with its key: it ends with the key, at once, and by itself after a time and
 * when nobody uses it (SLUICE_ADMIN_SESSION_S, SLUICE_ADMIN_IDLE_S).
 *
 * The cookie is HttpOnly and SameSite=Strict and goes to /admin only. Over TLS it is Secure and has a name that says so, which
 * browsers take from nobody else. */
#ifndef SLUICE_API_ADMIN_SESSION_H
#define SLUICE_API_ADMIN_SESSION_H

#include "api/request.h"
#include "common/config.h"
#include "common/db.h"

enum { ADMIN_TOKEN_SIZE = 65 }; /* 256 random bits in hex */

/* Whether the request came here, or to a proxy in front, by TLS. Pure. */
bool admin_session_came_by_tls(const struct config *config, const struct request *request);

/* Whether the cookie of this request is for TLS only. Pure. */
bool admin_session_is_secure(const struct config *config, const struct request *request);

/* The token of the request's cookie; false when it has none that could be one. Pure. */
bool admin_session_token(const struct config *config, const struct request *request, char ret_token[ADMIN_TOKEN_SIZE]);

/* The Set-Cookie header of a token; token NULL: the one that makes a browser forget it. Pure. */
void admin_session_cookie(const struct config *config, const struct request *request, const char *token,
                          struct buf *out);

/* A new session of a key: the answer sets its cookie. UNAUTHORIZED when the key is no longer one of an admin. */
bool admin_session_start(struct db *db, const struct config *config, struct request *request, const char *key_id,
                         struct error *err) MUST_CHECK;

/* Who sends the request, by its cookie; fills request->principal and what csrf.h needs. ret_scopes is a list as api_keys has it.
 * UNAUTHORIZED when there is no such session. */
bool admin_session_enter(struct db *db, const struct config *config, struct request *request, char **ret_scopes,
                         struct error *err) MUST_CHECK;

/* The session that the request's cookie names, if any, is no longer one. */
bool admin_session_drop(struct db *db, const struct config *config, const struct request *request,
                        struct error *err) MUST_CHECK;

/* Ends the request's session; the answer takes the cookie back. */
bool admin_session_end(struct db *db, const struct config *config, struct request *request,
                       struct error *err) MUST_CHECK;

#endif
