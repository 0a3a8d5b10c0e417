/* Requests below /c/{token}: who stands behind the token, and what it lets pass. */
#ifndef SLUICE_API_TOKEN_CHECK_H
#define SLUICE_API_TOKEN_CHECK_H

#include "api/api.h"
#include "api/upload_policy.h"
#include "common/upload_token_store.h"

/* Fills request->principal and request->upload_token from request->token. NOT_FOUND, TOKEN_EXPIRED, or that of the
 * database. */
bool token_check(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* Whether a token (NULL: none) lets this upload begin: FILE_TOO_LARGE, UNSUPPORTED_TYPE. Pure. */
bool token_allows(const struct upload_token *token, const struct upload_request *upload, struct error *err) MUST_CHECK;

/* Bytes that one file may have. Pure. */
int64_t token_limit(const struct upload_token *token, int64_t max_upload_bytes);

#endif
