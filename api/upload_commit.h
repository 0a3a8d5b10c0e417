/* From what a drop-in client asks for to its committed record. */
#ifndef SLUICE_API_UPLOAD_COMMIT_H
#define SLUICE_API_UPLOAD_COMMIT_H

#include "api/signer_request.h"
#include "api/upload_ticket.h"

/* The draft of a new file, and what it points to. */
struct upload_plan {
    struct signer_wish wish;
    struct buf key;
    struct file_draft draft;
};

void upload_plan_free(struct upload_plan *plan);

/* Makes the draft of plan->wish, if settings, key and token allow it: FILE_TOO_LARGE, UNSUPPORTED_TYPE. */
bool upload_plan_draft(struct api *api, const struct request *request, struct upload_plan *plan,
                       struct error *err) MUST_CHECK;

/* What is to be signed for it. */
struct upload_terms upload_plan_terms(const struct api *api, const struct request *request,
                                      const struct upload_plan *plan);

/* Returns once the draft is committed: together with those of other requests, or in a transaction of its own where more belongs
 * to it: the store's id of a multipart upload (NULL: none), one use of the request's token, and the owner's quota. TOKEN_USED_UP,
 * QUOTA_BYTES_EXCEEDED, QUOTA_PENDING_EXCEEDED. */
bool upload_commit(struct api *api, struct request *request, const struct file_draft *draft, const char *upload_id,
                   struct error *err) MUST_CHECK;

#endif
