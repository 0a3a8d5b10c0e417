/* The record of a file that came through the server, committed once its object is there; with the first answer to an
 * Idempotency-Key in the same transaction. */
#ifndef SLUICE_API_ASSET_COMMIT_H
#define SLUICE_API_ASSET_COMMIT_H

#include "api/asset_upload.h"
#include "api/request.h"

/* Fills the answer, and sets upload->object.kept when the object must stay. ret_replayed: an earlier request with the key was answered
 * by this, and the object is not wanted. */
bool asset_commit(struct api *api, const struct request *request, const struct asset_form *form,
                  struct asset_upload *upload, struct buf *ret_json, bool *ret_replayed, struct error *err) MUST_CHECK;

#endif
