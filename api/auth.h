/* Who sends a request, and whether they may: an API key or a JSON Web Token as Bearer token (RFC 6750), on the admin pages also by
 * the cookie of a login, or nobody asks (SLUICE_AUTH=none). */
#ifndef SLUICE_API_AUTH_H
#define SLUICE_API_AUTH_H

#include "api/key_cache.h"
#include "common/config.h"
#include "common/db.h"

struct auth;

/* ERROR_CONFIG for SLUICE_AUTH=none on an address that others reach, and for keys of tokens that cannot be used. The pool and the
 * settings are borrowed. */
bool auth_new(const struct config *config, struct db_pool *database, struct auth **ret_auth,
              struct error *err) MUST_CHECK;
void auth_free(struct auth *auth);
DEFINE_CLEANUP(struct auth *, auth)

/* Fills request->principal, with the limits that hold for it, and, when that fails, request->response.challenge. UNAUTHORIZED,
 * FORBIDDEN (names the scope that is missing; the principal is known), or that of the database. */
bool auth_check(struct auth *auth, struct request *request, enum scope scope, struct error *err) MUST_CHECK;

/* Whom a key stands for that somebody logs in with: UNAUTHORIZED, or FORBIDDEN when it has not the scope admin. */
bool auth_log_in(struct auth *auth, const char *key, struct principal *ret_principal, struct error *err) MUST_CHECK;

/* False: SLUICE_AUTH=none, nobody logs in. */
bool auth_is_required(const struct auth *auth);

/* The token of an Authorization header, NULL when it is not `Bearer TOKEN`. Pure. */
const char *auth_bearer(const char *header);

/* Scopes of a comma-separated list; unknown words count for nothing. Pure. */
unsigned auth_scopes(const char *list);

#endif
