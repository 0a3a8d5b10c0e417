/* Where the drop-in signers are: below /s3 and /rails, for clients that expect these very paths, and the same again below
 * /c/{token}, for clients that can send no header. Pure. */
#ifndef SLUICE_API_SIGNER_PATH_H
#define SLUICE_API_SIGNER_PATH_H

#include "api/request_path.h"

/* Reduces the path to the one of the table of routes: takes /c/{token} off the front, and the empty segment of `//s3` or
 * `//rails`, which clients make of a base address that ends with a slash. The token (not checked), or NULL when the path has none; lives as
 * long as the path. */
const char *signer_path_enter(struct request_path *path);

/* Whether a path, once reduced, belongs to the signers: their clients want errors in their own words, too. */
bool signer_path_is(const struct request_path *path);

/* Appends a path, as sent, without the token that it may have: /c/…/s3/params. Whatever else looks like one goes as well. */
void signer_path_hide(const char *raw, struct buf *out);

#endif
