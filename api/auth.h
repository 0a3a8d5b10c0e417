/* Who sends a request, and whether they may: API keys by Bearer token (RFC 6750), or nobody asks (SLUICE_AUTH=none). */
#ifndef SLUICE_API_AUTH_H
#define SLUICE_API_AUTH_H

#include "api/key_cache.h"
#include "common/config.h"
#include "common/db.h"

struct auth;

/* ERROR_CONFIG for SLUICE_AUTH=none on an address that others reach. The pool is borrowed. */
bool auth_new(const struct config *config, struct db_pool *database, struct auth **ret_auth,
              struct error *err) MUST_CHECK;
void auth_free(struct auth *auth);
DEFINE_CLEANUP(struct auth *, auth)

/* Fills request->principal. UNAUTHORIZED, FORBIDDEN (names the scope that is missing), or that of the database. */
bool auth_check(struct auth *auth, struct request *request, enum scope scope, struct error *err) MUST_CHECK;

/* The token of an Authorization header, NULL when it is not `Bearer TOKEN`. Pure. */
const char *auth_bearer(const char *header);

/* Scopes of a comma-separated list; unknown words count for nothing. Pure. */
unsigned auth_scopes(const char *list);

#endif
